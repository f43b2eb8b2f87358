/*
 * Result lines of the on-target platform test, and the little that it keeps over its own resets.
 *
 * Used by all files of this folder. Lines: "ok <name>", "not ok <name> <detail>"; the driver
 * counts them.
 */
#ifndef BARTIZAN_TEST_REPORT_H
#define BARTIZAN_TEST_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Kept in retained RAM, behind the port's own part: survives reset, zero after power-on. */
struct report_state {
    uint32_t magic;
    uint32_t stage; /* which part of the test runs after the next reset */
    uint32_t passed;
    uint32_t failed;
    uint32_t pattern;     /* written before a reset, looked at after it */
    uint32_t stuck;       /* the NMI handler shall not do its work */
    uint32_t nmi_returns; /* how often platform_handle_nmi() came back */
};

/* Finds the state of an earlier stage, or starts at stage 0. */
volatile struct report_state *report_open(void);

void report_text(const char *text);
void report_hex(uint32_t value);
void report_number(uint32_t value);

/* One line. The detail of a failure is the value that was found. */
void report_check(const char *name, bool passed, uint32_t found);
void report_equal(const char *name, uint32_t found, uint32_t expected);
void report_summary(void);

#endif
