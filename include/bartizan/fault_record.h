/*
 * The fault record: what an image that had to give up leaves behind for the next start.
 *
 * Written into retained RAM by the failing image (spm/fault.c, spm/panic.c, boot/fault.c), printed
 * and appended to the fault log by boot, read from the device file by host tools. Byte picture and
 * version rule: docs/formats/fault.md. Little-endian, no padding.
 */
#ifndef BARTIZAN_FAULT_RECORD_H
#define BARTIZAN_FAULT_RECORD_H

#include <stdint.h>

#define FAULT_RECORD_MAGIC   UINT32_C(0x52465A42) /* "BZFR" */
#define FAULT_RECORD_VERSION 1U
#define FAULT_RECORD_BYTES   512U
#define FAULT_TEXT_BYTES     428U

/* fault_record.kind is the number of the exception, 3 to 7, or this. */
#define FAULT_KIND_PANIC 0x10U

enum fault_world {
    FAULT_WORLD_BOOT = 1,
    FAULT_WORLD_MANAGER = 2,
    FAULT_WORLD_PARTITION = 3,
    FAULT_WORLD_GATEWAY = 4, /* the unprivileged thread behind the gateways */
    FAULT_WORLD_NONSECURE = 5,
};

enum fault_access {
    FAULT_ACCESS_UNKNOWN = 0,
    FAULT_ACCESS_READ = 1,
    FAULT_ACCESS_WRITE = 2,
    FAULT_ACCESS_EXECUTE = 3,
    FAULT_ACCESS_CALL = 4,  /* a branch into secure code past the gateways */
    FAULT_ACCESS_OTHER = 5, /* no access to memory is at fault */
};

/* fault_record.flags: what is known. */
#define FAULT_FLAG_PC        0x01U /* pc, lr, sp and xpsr */
#define FAULT_FLAG_ADDRESS   0x02U
#define FAULT_FLAG_HANDED_ON 0x04U /* by a handler of the non-secure application */

struct fault_record {
    uint32_t magic;
    uint16_t version;
    uint16_t size_bytes;  /* FAULT_RECORD_BYTES */
    uint32_t sequence;    /* 0 until boot has put the record into the log, then from 1 */
    uint8_t kind;         /* number of the exception, or FAULT_KIND_PANIC */
    uint8_t world;        /* enum fault_world */
    uint8_t access;       /* enum fault_access */
    uint8_t flags;        /* FAULT_FLAG_ */
    uint16_t access_size; /* bytes; 0: not known */
    uint16_t rule;        /* of a panic: enum spm_rule */
    int32_t partition;    /* id; 0: none */
    uint32_t pc;
    uint32_t lr;
    uint32_t sp;
    uint32_t address;
    uint32_t xpsr;
    uint32_t exc_return;
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t sfsr;
    uint32_t reserved[4]; /* zero */
    uint16_t text_length;
    uint16_t reserved_text; /* zero */
    char text[FAULT_TEXT_BYTES];
    uint32_t crc32; /* of all bytes before it */
};

_Static_assert(sizeof(struct fault_record) == FAULT_RECORD_BYTES, "the format has no padding");

/* Behind the record in retained RAM: how many starts in a row ended in a fault or panic. */
struct fault_streak {
    uint32_t count;
    uint32_t check; /* ~count ^ FAULT_RECORD_MAGIC */
};

#endif
