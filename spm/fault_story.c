/*
 * The words of a fault: who, what it tried, where, and what would have allowed it.
 *
 * Called by fault.c with a record whose fields are filled in. Names come from the product's tables.
 * What is not known is said to be unknown; nothing is guessed. Each sentence is one text with codes
 * (story_code), lists of words are one text each: this keeps the code small.
 */
#include "spm/fault.h"

#include <stddef.h>

#include "platform/armv8m/core.h"
#include "spm/fault_tables.h"

struct fault_story {
    struct fault_record *record;
    const struct spm_partition *partition; /* NULL: none is at fault */
    const struct spm_place *place;         /* NULL: the address is not known, or has no name */
    const char *cause;                     /* "": none */
};

/* By exception, from 3; by enum fault_world, fault_access, spm_place_kind. */
static const char fault_names[] =
    "HardFault\0MemManage fault\0BusFault\0UsageFault\0SecureFault\0unexpected exception";
static const char world_names[] =
    "\0boot\0the manager\0partition %p\0the gateways' thread\0the non-secure world";
static const char access_names[] = "an unknown access\0to read\0to write\0to execute\0to call";
static const char kind_names[] = "\0flash region \0peripheral ";

/* By the lowest bit: CFSR from bit 3 on, with BFSR's stacking errors at MMFSR's place, and from
 * bit 26 on INVIS, INVER, (HFSR's VECTTBL,) INVTRAN and LSPERR of SFSR, and HFSR's DEBUGEVT. */
#define CFSR_BUS        0xFF00U
#define CAUSE_FIRST_BIT 3U
#define CAUSE_CFSR      0x031F0438U
#define CAUSE_SFSR      0x36U
#define SFSR_LSERR      0x80U /* told as LSPERR */
#define HFSR_VECTTBL    0x2U
#define HFSR_DEBUGEVT   0x80000000U
static const char cause_names[] =
    "unstacking failed\0stacking failed\0FP state not saved\0\0\0\0\0a late bus error\0\0\0\0\0\0"
    "undefined instruction\0not in Thumb state\0invalid exception return\0no coprocessor\0"
    "stack overflow\0\0\0\0unaligned access\0division by zero\0"
    "no integrity signature\0invalid secure return\0no vector table\0branch out of the secure "
    "world\0"
    "FP state not saved\0breakpoint";

static const char *word_pick(const char *words, uint32_t number)
{
    while (number != 0U) {
        number -= (*words++ == '\0') ? 1U : 0U;
    }
    return words;
}

static const char *cause_find(uint32_t cfsr, uint32_t sfsr, uint32_t hfsr)
{
    uint32_t bits = ((cfsr | ((cfsr >> 8) & 0x38U)) & CAUSE_CFSR) |
                    (((sfsr | ((sfsr & SFSR_LSERR) >> 2)) & CAUSE_SFSR) << 25) |
                    ((hfsr & HFSR_VECTTBL) << 27) | (hfsr & HFSR_DEBUGEVT);

    return (bits == 0U) ? ""
                        : word_pick(cause_names, (uint32_t)__builtin_ctz(bits) - CAUSE_FIRST_BIT);
}

static const struct spm_place *place_find(const struct fault_record *record)
{
    const struct spm_place *place = spm_places;

    for (uint32_t i = 0; i < spm_place_count; i++, place++) {
        if (record->address - place->first < place->end - place->first) {
            return ((record->flags & FAULT_FLAG_ADDRESS) != 0U) ? place : NULL;
        }
    }
    return NULL;
}

/* 0 to 8: a word of the record, from pc on. */
static void tell_word(struct fault_record *record, uint32_t index)
{
    const uint32_t *words = &record->pc;
    uint32_t needed = (index < 2U) ? FAULT_FLAG_PC : (index == 3U) ? FAULT_FLAG_ADDRESS : 0U;

    if ((record->flags & needed) == needed) {
        fault_add_number(record, words[index], 16U);
    } else {
        fault_add(record, "unknown");
    }
}

static const char *story_word(const struct fault_story *story, char code)
{
    const struct fault_record *record = story->record;

    switch (code) {
    case 'p':
        return story->partition->name;
    case 'm':
        return spm_partition_manifests[story->partition - spm_partitions];
    case 'f':
        return spm_product_file;
    case 'c':
        return story->cause;
    case 'a':
        return word_pick(access_names, record->access);
    case 'w':
        return (record->access == FAULT_ACCESS_WRITE) ? "WRITE" : "ONLY";
    case 'k':
        return (story->place != NULL) ? word_pick(kind_names, story->place->kind) : "";
    default:
        return (story->place != NULL) ? story->place->name : "unknown place";
    }
}

static void tell(const struct fault_story *story, const char *text)
{
    struct fault_record *record = story->record;

    for (; *text != '\0'; text++) {
        if (*text != '%') {
            fault_add_letter(record, *text);
            continue;
        }
        text++;
        if (*text <= '9') {
            tell_word(record, (uint32_t)*text - '0');
        } else {
            fault_add(record, story_word(story, *text));
        }
    }
}

static const char *partition_lacks(const struct fault_story *story, uint32_t cfsr)
{
    uint32_t access = story->record->access;

    if ((cfsr & SCB_CFSR_STKOF) != 0U) {
        return "a larger stack_size in %m";
    }
    if ((cfsr & CFSR_BUS) != 0U) {
        return "nothing it could be given; the bus refuses this";
    }
    if ((story->place != NULL) && (access <= FAULT_ACCESS_WRITE)) {
        if (story->place->kind == SPM_PLACE_FLASH) {
            return "the flash functions, with region \"%n\" in flash of %f";
        }
        if (story->place->kind == SPM_PLACE_PERIPHERAL) {
            return "mmio_regions: [{name: %n, permission: READ-%w}] in %m";
        }
    }
    return (access == FAULT_ACCESS_OTHER) ? NULL : "nothing; no grant opens this to a partition";
}

static const char *lacks_find(const struct fault_story *story, uint32_t cfsr, uint32_t sfsr)
{
    if (story->partition != NULL) {
        return partition_lacks(story, cfsr);
    }
    if (story->record->world != FAULT_WORLD_NONSECURE) {
        return "nothing; the secure image is wrong";
    }
    if (story->record->access == FAULT_ACCESS_CALL) {
        return "a gateway there; psa_call() has one";
    }
    return ((sfsr & SAU_SFSR_AUVIOL) != 0U)
               ? "no grant opens secure memory; services answer psa_call()"
               : "a handler of its own for this fault";
}

/* The calls that a partition is working on. */
static void tell_serving(struct fault_record *record, const struct spm_partition *partition)
{
    const struct spm_thread *thread = &spm_threads[partition - spm_partitions];

    for (uint32_t i = 0; i < SPM_THREADS; i++) {
        const psa_msg_t *message = &spm_threads[i].message.view;

        if ((spm_threads[i].server != thread) || (message->handle == PSA_NULL_HANDLE)) {
            continue;
        }
        fault_add(record, "\nserving: ");
        fault_add(record, spm_service_names[spm_threads[i].message.service - spm_services]);
        fault_add(record, (message->type < 0) ? ", type -" : ", type ");
        fault_add_number(record, (uint32_t)((message->type < 0) ? -message->type : message->type),
                         10U);
        fault_add(record, ", for ");
        fault_add(record, (i < spm_partition_count) ? "partition " : "");
        fault_add(record,
                  (i < spm_partition_count) ? spm_partitions[i].name : "the non-secure world");
    }
}

void fault_tell(struct fault_record *record, const struct spm_partition *partition, uint32_t cfsr,
                uint32_t sfsr)
{
    struct fault_story story = {record, partition, place_find(record),
                                cause_find(cfsr, sfsr, record->hfsr)};
    uint32_t row = (uint32_t)record->kind - 3U;
    const char *lacks = lacks_find(&story, cfsr, sfsr);

    fault_add(record, word_pick(fault_names, (row < 5U) ? row : 5U));
    fault_add(record, " in ");
    tell(&story, word_pick(world_names, record->world));
    tell(&story, ", pc %0, lr %1, CFSR %6 HFSR %7 SFSR %8");
    if (record->access == FAULT_ACCESS_OTHER) {
        tell(&story, (*story.cause != '\0') ? "\ncause: %c" : "\ncause: unknown");
    } else {
        tell(&story, ", address %3\ntried %a");
        if (record->access_size != 0U) {
            fault_add(record, " ");
            fault_add_number(record, record->access_size, 10U);
            fault_add(record, " bytes");
        }
        tell(&story, (*story.cause != '\0') ? " at %3: %k%n, %c" : " at %3: %k%n");
    }
    if (lacks != NULL) {
        fault_add(record, "\nlacks: ");
        tell(&story, lacks);
    }
    if (partition != NULL) {
        tell_serving(record, partition);
    }
}

void fault_tell_panic(struct fault_record *record, const struct spm_partition *partition,
                      enum spm_rule rule, const char *text)
{
    struct fault_story story = {record, partition, NULL, text};

    tell(&story, "partition %p ended: %c");
    if ((rule == RULE_FLASH) || (rule == RULE_SECRET) || (rule == RULE_RIGHT)) {
        tell(&story, "\nlacks: an entry in flash, secrets or rights of partition %p in %f");
    } else if (rule == RULE_SERVICE) {
        tell(&story, "\nlacks: an entry in dependencies of %m");
    }
    tell_serving(record, partition);
}
