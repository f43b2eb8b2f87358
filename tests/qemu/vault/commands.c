/*
 * The calls of commands.h. Content is a pattern that the host knows.
 */
#include "tests/qemu/vault/commands.h"

#include <string.h>

#include "bartizan/platform_service.h"
#include "bartizan/storage.h"
#include "lib/crc/crc.h"
#include "psa/internal_trusted_storage.h"

#define FILL_MAX 100U

static void fill(uint8_t *buffer, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        buffer[i] = (uint8_t)(seed + 7U * i + (i >> 8));
    }
}

static void run_get(const uint32_t *arguments, uint8_t *buffer, struct answer *answer)
{
    size_t length = 0;

    answer->status = psa_its_get(arguments[0], arguments[1], arguments[2], buffer, &length);
    answer->words[0] = (uint32_t)length;
    answer->words[1] = crc32_update(0, buffer, length);
}

static void run_info(const uint32_t *arguments, struct answer *answer)
{
    struct psa_storage_info_t info = {0};

    answer->status = psa_its_get_info(arguments[0], &info);
    answer->words[0] = (uint32_t)info.size;
    answer->words[1] = (uint32_t)info.capacity;
    answer->words[2] = info.flags;
}

static void run_fill(const uint32_t *arguments, const uint8_t *buffer, struct answer *answer)
{
    uint32_t count = 0;

    do {
        answer->status = psa_its_set(arguments[0] + count, arguments[1], buffer, 0U);
        count += answer->status == PSA_SUCCESS;
    } while (answer->status == PSA_SUCCESS && count < FILL_MAX);
    answer->words[0] = count;
}

void command_run(const struct command *command, uint8_t *buffer, size_t buffer_size,
                 struct answer *answer)
{
    const uint32_t *arguments = command->arguments;
    struct bartizan_storage_usage usage = {0};

    *answer = (struct answer){0};
    switch ((enum verb)command->verb) {
    case VERB_SET:
        fill(buffer, arguments[1] < buffer_size ? arguments[1] : buffer_size, arguments[3]);
        answer->status = psa_its_set(arguments[0], arguments[1], buffer, arguments[2]);
        break;
    case VERB_GET:
        run_get(arguments, buffer, answer);
        break;
    case VERB_INFO:
        run_info(arguments, answer);
        break;
    case VERB_REMOVE:
        answer->status = psa_its_remove(arguments[0]);
        break;
    case VERB_USAGE:
        answer->status = bartizan_its_get_usage(&usage);
        memcpy(answer->words, &usage, sizeof(usage));
        break;
    case VERB_COUNT:
        answer->status = bartizan_nv_counter_read(arguments[0], &answer->words[0]);
        break;
    case VERB_STEP:
        answer->status = bartizan_nv_counter_increment(arguments[0]);
        break;
    case VERB_FILL:
        run_fill(arguments, buffer, answer);
        break;
    }
}
