/*
 * The storing application: endless pseudo-random operations on Internal Trusted Storage and
 * Protected Storage, each told on the UART before and after, for test_storage_cuts.py, which cuts
 * the power and holds what every asset must be.
 *
 * Commands, one line each: "check STORES" tells every asset, STORES being i, p or ip; "go SEED
 * STORES" begins the operations, which end with the power only.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bartizan/board.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

#define UIDS       12U
#define BYTES_MAX  1024U
#define LINE_BYTES 32U

static uint8_t data[BYTES_MAX];
static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (seed >> 4) % limit;
}

/* The bytes of a content; the host has the same rule. */
static void fill(uint32_t content, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        data[i] = (uint8_t)((content >> (8U * (i % 4U))) + i);
    }
}

static uint32_t hash(size_t length)
{
    uint32_t value = 2166136261U;

    for (size_t i = 0; i < length; i++) {
        value = (value ^ data[i]) * 16777619U;
    }
    return value;
}

/* ---- Telling what is there ---- */

static void tell_asset(char store, uint32_t uid)
{
    struct psa_storage_info_t info = {0};
    size_t length = 0;
    psa_status_t status;

    if (store == 'i') {
        status = psa_its_get_info(uid, &info);
        status = status == 0 ? psa_its_get(uid, 0, sizeof(data), data, &length) : status;
    } else {
        status = psa_ps_get_info(uid, &info);
        status = status == 0 ? psa_ps_get(uid, 0, sizeof(data), data, &length) : status;
    }
    printf("a %c %lu %ld %lu %lu %lu %lx %lx\n", store, (unsigned long)uid, (long)status,
           (unsigned long)info.size, (unsigned long)length, (unsigned long)info.capacity,
           (unsigned long)info.flags, (unsigned long)hash(length));
}

static void check(const char *stores)
{
    for (; *stores != '\0'; stores++) {
        for (uint32_t uid = 1; uid <= UIDS; uid++) {
            tell_asset(*stores, uid);
        }
    }
    printf("storage: checked\n");
}

/* ---- Operations ---- */

static psa_status_t set(char store, uint32_t uid, uint32_t length, uint32_t flags)
{
    return store == 'i' ? psa_its_set(uid, length, data, flags)
                        : psa_ps_set(uid, length, data, flags);
}

static psa_status_t remove_asset(char store, uint32_t uid)
{
    return store == 'i' ? psa_its_remove(uid) : psa_ps_remove(uid);
}

/* Tells what comes, does it, tells the answer. The full stop tells that a line is whole. */
static void operate(char store)
{
    uint32_t uid = 1U + random_below(UIDS);
    uint32_t what = random_below(store == 'i' ? 8U : 14U);
    uint32_t length = random_below(4U) == 0U ? random_below(BYTES_MAX + 1U) : random_below(100U);
    uint32_t content = random_below(0x10000000U);
    uint32_t flags = random_below(2U) << 1;
    uint32_t offset = random_below(40U);
    psa_status_t status;

    fill(content, length);
    if (what < 6U) {
        printf("b %c %lu set %lu %lx %lx .\n", store, (unsigned long)uid, (unsigned long)length,
               (unsigned long)flags, (unsigned long)content);
        status = set(store, uid, length, flags);
    } else if (what < 8U) {
        printf("b %c %lu remove 0 0 0 .\n", store, (unsigned long)uid);
        status = remove_asset(store, uid);
    } else if (what < 10U) {
        printf("b %c %lu create %lu %lx 0 .\n", store, (unsigned long)uid, (unsigned long)length,
               (unsigned long)flags);
        status = psa_ps_create(uid, length, flags);
    } else {
        length %= 100U;
        printf("b %c %lu extend %lu %lx %lx .\n", store, (unsigned long)uid, (unsigned long)length,
               (unsigned long)offset, (unsigned long)content);
        status = psa_ps_set_extended(uid, offset, length, data);
    }
    printf("d %ld .\n", (long)status);
}

static void read_line(char *line)
{
    uint32_t length = 0;
    char next;

    while ((next = board_uart_read()) != '\n') {
        if (length < LINE_BYTES - 1U) {
            line[length++] = next;
        }
    }
    line[length] = '\0';
}

int main(void)
{
    char line[LINE_BYTES];
    char *stores = line;

    board_init();
    printf("storage: ready\n");
    read_line(line);
    while (strncmp(line, "check ", 6) == 0) {
        check(line + 6);
        read_line(line);
    }
    seed = (uint32_t)strtoul(line + 3, &stores, 10) | 1U;
    stores++;
    for (uint32_t step = 0;; step++) {
        operate(stores[step % strlen(stores)]);
    }
}
