/*
 * Uses start-up and libraries of the SDK, and nothing else of it: its own UART driver, no C library
 * behind it. Resets the device again and again, counting in memory that survives and in storage.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bartizan/fault.h"
#include "bartizan/platform_service.h"
#include "bartizan/product.h"
#include "psa/internal_trusted_storage.h"

#define RESETS 90u
#define MAGIC  0x5AFE5AFEu
#define UID    ((psa_storage_uid_t)7)

#define UART  ((volatile uint32_t *)BARTIZAN_UART_BASE)
#define WORDS (BARTIZAN_NVMEM_SIZE / sizeof(uint32_t))
#define KEPT  ((volatile uint32_t *)BARTIZAN_NVMEM_BASE)

static uint32_t zeroed_at_start;
static uint32_t set_at_start = MAGIC;

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((UART[1] & 1u) != 0u) {
        }
        UART[0] = (uint8_t)*text;
    }
}

static void print_number(uint32_t number)
{
    char digits[11];
    char *at = &digits[10];

    *at = '\0';
    do {
        *--at = (char)('0' + (char)(number % 10u));
        number /= 10u;
    } while (number != 0u);
    print(at);
    print("\n");
}

/* Every word of the 1024 bytes holds what the start before left there. */
static bool kept_all(void)
{
    for (uint32_t i = 1u; i < WORDS; i++) {
        if (KEPT[i] != (MAGIC ^ i)) {
            return false;
        }
    }
    return KEPT[0] != 0u;
}

static uint32_t count_in_storage(void)
{
    uint32_t count = 0u;
    size_t length = 0u;

    (void)psa_its_get(UID, 0, sizeof(count), &count, &length);
    count++;
    if (psa_its_set(UID, sizeof(count), &count, PSA_STORAGE_FLAG_NONE) != PSA_SUCCESS) {
        print("plain: storage: FAILED\n");
    }
    return count;
}

int main(void)
{
    uint32_t starts = count_in_storage();
    struct bartizan_status status = {0};

    UART[4] = BARTIZAN_CLOCK_HZ / 115200u;
    UART[2] = 1u;
    if ((zeroed_at_start != 0u) || (set_at_start != MAGIC)) {
        print("plain: memory at start: FAILED\n");
    }
    zeroed_at_start = set_at_start = 1u;
    if ((starts > 1u) && (!kept_all() || (KEPT[0] != starts - 1u))) {
        print("plain: kept memory: FAILED\n");
    }
    KEPT[0] = starts;
    for (uint32_t i = 1u; i < WORDS; i++) {
        KEPT[i] = MAGIC ^ i;
    }
    if ((bartizan_get_status(&status) != PSA_SUCCESS) || (status.boot_count != starts) ||
        (status.reset_reason != (starts == 1u ? BARTIZAN_RESET_COLD : BARTIZAN_RESET_REQUESTED))) {
        print("plain: status: FAILED\n");
    }
    print_number(starts);
    (void)bartizan_confirm_start();
    if (starts <= RESETS) {
        (void)bartizan_reset();
        print("plain: reset: FAILED\n");
    }
    print("plain: done\n");
    for (;;) {
    }
}
