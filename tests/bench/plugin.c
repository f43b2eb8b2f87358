/*
 * Counts what an emulated board executes: a TCG plugin of QEMU, made and loaded by `./bz bench`.
 *
 * Reads a file of requests (`config=`), writes one line for each event (`out=`), flushed at once,
 * because the emulator is killed in the end. The host knows symbols; here are only addresses. It
 * never changes what the guest does.
 *
 *   config   point ADDRESS             tell when the instruction there is about to be executed
 *            program ADDRESS           a function whose stores to the flash are programming
 *            erase ADDRESS             a function that erases one sector
 *            flash BASE SIZE
 *            profile BEGIN END VISIT   count by address, from that visit of one point to the other
 *   out      point ADDRESS INSTRUCTIONS ERASES PROGRAMMED_BYTES
 *            at ADDRESS EXECUTIONS     of the profile
 *
 * All numbers in the files are hexadecimal. Debian ships no header for plugins, so the functions of
 * QEMU that are used are declared here; they are the same in all versions of the interface.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_API
#error "build with -DPLUGIN_API=1 for QEMU up to 8, 2 for later ones (tools/bz/bench.py)"
#endif

/* ---- QEMU's interface ---- */

#define PUBLIC           __attribute__((visibility("default")))
#define CALLBACK_NO_REGS 0
#define MEMORY_WRITES    2

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t plugin_id;
typedef void (*translate_callback)(plugin_id id, struct qemu_plugin_tb *block);
typedef void (*execute_callback)(unsigned int processor, void *data);
typedef void (*memory_callback)(unsigned int processor, uint32_t info, uint64_t address,
                                void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, translate_callback callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            execute_callback callback, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
                                      memory_callback callback, int flags, int which, void *data);
unsigned int qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);

PUBLIC extern int qemu_plugin_version;
PUBLIC int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

int qemu_plugin_version = PLUGIN_API;

/* ---- What is known of each address that was translated ---- */

enum kind { KIND_PLAIN, KIND_POINT, KIND_PROGRAM, KIND_ERASE };

struct place {
    uint64_t address;
    uint64_t executions; /* while profiling */
    uint32_t visits;     /* of a point */
    enum kind kind;
    bool used;
};

#define PLACES (1U << 18) /* a power of two; far more than the instructions of all images */

static struct place places[PLACES];
static uint32_t places_used;
static FILE *out;
static uint64_t instructions;
static uint64_t erases;
static uint64_t programmed_bytes;
static uint64_t flash_base;
static uint64_t flash_size;
static uint64_t profile_begin;
static uint64_t profile_end;
static uint64_t profile_visit;
static bool is_programming;
static bool is_profiling;

static struct place *place_of(uint64_t address)
{
    uint32_t slot = (uint32_t)((address >> 1) * 0x9E3779B1U) & (PLACES - 1U);

    while (places[slot].used && (places[slot].address != address)) {
        slot = (slot + 1U) & (PLACES - 1U);
    }
    if (!places[slot].used) {
        if (++places_used == PLACES) {
            fprintf(stderr, "count: more than %u instructions translated\n", PLACES);
            exit(1);
        }
        places[slot].used = true;
        places[slot].address = address;
    }
    return &places[slot];
}

/* ---- Events ---- */

static void profile_write(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        if (places[i].executions != 0U) {
            fprintf(out, "at %" PRIx64 " %" PRIx64 "\n", places[i].address, places[i].executions);
        }
    }
}

static void point_visit(struct place *place)
{
    place->visits++;
    if ((place->address == profile_end) && is_profiling) {
        is_profiling = false;
        profile_write();
    }
    if ((place->address == profile_begin) && (place->visits == profile_visit)) {
        is_profiling = true;
    }
    fprintf(out, "point %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", place->address,
            instructions, erases, programmed_bytes);
    fflush(out);
}

static void on_execute(unsigned int processor, void *data)
{
    struct place *place = data;

    (void)processor;
    switch (place->kind) {
    case KIND_POINT:
        point_visit(place);
        break;
    case KIND_PROGRAM:
        is_programming = true;
        break;
    case KIND_ERASE:
        is_programming = false;
        erases++;
        break;
    case KIND_PLAIN:
    default:
        break;
    }
    instructions++;
    if (is_profiling) {
        place->executions++;
    }
}

static void on_store(unsigned int processor, uint32_t info, uint64_t address, void *data)
{
    (void)processor;
    (void)data;
    if (is_programming && qemu_plugin_mem_is_store(info) && (address - flash_base < flash_size)) {
        programmed_bytes += UINT64_C(1) << qemu_plugin_mem_size_shift(info);
    }
}

static void on_translate(plugin_id id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        struct place *place = place_of(qemu_plugin_insn_vaddr(instruction));

        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_execute, CALLBACK_NO_REGS, place);
        qemu_plugin_register_vcpu_mem_cb(instruction, on_store, CALLBACK_NO_REGS, MEMORY_WRITES,
                                         NULL);
    }
}

/* ---- Start ---- */

static bool request_take(const char *word, uint64_t first, uint64_t second, uint64_t third)
{
    if (strcmp(word, "point") == 0) {
        place_of(first)->kind = KIND_POINT;
    } else if (strcmp(word, "program") == 0) {
        place_of(first)->kind = KIND_PROGRAM;
    } else if (strcmp(word, "erase") == 0) {
        place_of(first)->kind = KIND_ERASE;
    } else if (strcmp(word, "flash") == 0) {
        flash_base = first;
        flash_size = second;
    } else if (strcmp(word, "profile") == 0) {
        profile_begin = first;
        profile_end = second;
        profile_visit = third;
    } else {
        return false;
    }
    return true;
}

static bool requests_read(const char *name)
{
    FILE *file = fopen(name, "r");
    char line[128];
    char word[16];
    bool good = file != NULL;

    while (good && (fgets(line, sizeof(line), file) != NULL)) {
        uint64_t first = 0;
        uint64_t second = 0;
        uint64_t third = 0;
        int found =
            sscanf(line, "%15s %" SCNx64 " %" SCNx64 " %" SCNx64, word, &first, &second, &third);

        good = (found >= 2) && request_take(word, first, second, third);
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        if (strncmp(arguments[i], "out=", 4) == 0) {
            out = fopen(arguments[i] + 4, "w");
        } else if ((strncmp(arguments[i], "config=", 7) != 0) || !requests_read(arguments[i] + 7)) {
            fprintf(stderr, "count: cannot use %s\n", arguments[i]);
            return -1;
        }
    }
    if (out == NULL) {
        fprintf(stderr, "count: no out= file\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
