// C++ on the start-up of the SDK: constructors run before main(); the board's clock and LEDs; headers
// that C++ takes; functions of the C library that the application replaces.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bartizan/board.h"
#include "bartizan/fault.h"
#include "bartizan/platform_service.h"
#include "bartizan/product.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"
#include "psa_manifest/pid.h"
#include "psa_manifest/sid.h"

namespace
{

class Counter
{
  public:
    explicit Counter(uint32_t start) : value_(start * 2u)
    {
    }
    uint32_t value() const
    {
        return value_;
    }

  private:
    uint32_t value_;
};

volatile uint32_t seed = 21u;
Counter counter(seed);
alignas(4) __attribute__((section(".noinit"))) uint32_t unchanged[4];

void check(const char *what, bool good)
{
    printf("objects: %s: %s\n", what, good ? "ok" : "FAILED");
}

// CMSDK timer 1, which the secure world leaves to applications.
volatile uint32_t *const timer1 = reinterpret_cast<volatile uint32_t *>(0x40001000u);
volatile uint32_t ticks;

void start_timer()
{
    timer1[2] = BARTIZAN_CLOCK_HZ / 1000u; // reload
    timer1[1] = BARTIZAN_CLOCK_HZ / 1000u;
    timer1[0] = 9u;                                                 // enabled, with its interrupt
    *reinterpret_cast<volatile uint32_t *>(0xE000E100u) = 1u << 4u; // NVIC_ISER0
}

} // namespace

extern "C" void TIMER1_Handler(void)
{
    ticks = ticks + 1u;
    timer1[3] = 1u;
}

extern "C" int _getpid(void)
{
    return 99;
}

extern "C" int getpid(void);

int main()
{
    board_init();
    check("constructor", counter.value() == 42u);
    uint32_t start = board_milliseconds();
    board_wait(20u);
    uint32_t waited = board_milliseconds() - start;
    check("clock", (start < 1000u) && (waited >= 20u) && (waited < 10000u));
    start_timer();
    while ((ticks < 5u) && (board_milliseconds() - start < 10000u)) {
    }
    timer1[0] = 0u;
    check("interrupt of a device", ticks >= 5u);
    check("LEDs are off", board_leds_get() == 0u);
    board_leds_set(0xFFFFFFFEu);
    check("LEDs", board_leds_get() == 2u);
    uintptr_t at = reinterpret_cast<uintptr_t>(unchanged);
    check("noinit", (at >= BARTIZAN_NVMEM_BASE) &&
                        (at + sizeof(unchanged) <= BARTIZAN_NVMEM_BASE + BARTIZAN_NVMEM_SIZE));
    void *memory = malloc(1000u);
    check("heap", memory != nullptr);
    free(memory);
    check("heap has an end", malloc(BARTIZAN_NS_RAM_SIZE) == nullptr);
    check("weak functions", getpid() == 99);
    check("framework", psa_framework_version() == PSA_FRAMEWORK_VERSION);
    check("hash", psa_crypto_init() == PSA_SUCCESS);
    check("start confirmed", bartizan_confirm_start() == PSA_SUCCESS);
    check("floating point", static_cast<int>(static_cast<float>(counter.value()) * 1.5f) == 63);
    printf("objects: done\n");
    for (;;) {
    }
}
