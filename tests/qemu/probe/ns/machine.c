/*
 * Checks that need the machine itself: registers across a call, calls from handlers, interrupts
 * during calls.
 */
#include "attack.h"

#include <string.h>

#include "psa/crypto.h"
#include "psa_manifest/sid.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010U)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014U)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018U)
#define SYST_RUN 7U /* processor clock, interrupt, enable */

static volatile uint32_t ticks;
static volatile psa_status_t handler_status;
static volatile uint32_t handler_version;

void SVC_Handler(void);
void SysTick_Handler(void);

void SVC_Handler(void)
{
    handler_status = psa_call(PROBE_HANDLE, PROBE_CLIENT_ID, NULL, 0, NULL, 0);
    handler_version = psa_version(PROBE_SID);
}

void SysTick_Handler(void)
{
    ticks = ticks + 1U;
    handler_status = psa_call(PROBE_HANDLE, PROBE_CLIENT_ID, NULL, 0, NULL, 0);
#if defined(__ARM_FP)
    __asm volatile("vmov.f32 s0, #1.0\n\tvmov.f32 s15, s0\n\tvmov.f32 s31, s0" ::
                       : "s0", "s15", "s31");
#endif
}

void check_handler_mode(void)
{
    handler_status = 0;
    __asm volatile("svc #0");
    check_equal("call from a handler", handler_status, PSA_ERROR_NOT_PERMITTED);
    check_equal("version from a handler", (int32_t)handler_version, PSA_ERROR_NOT_PERMITTED);
    check_equal("call from a thread after it", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
}

psa_status_t psa_call_gateway(psa_handle_t handle, uint32_t control, const psa_invec *in_vec,
                              psa_outvec *out_vec);

/* Calls the gateway with marked registers; after[0..3]: r1, r2, r3, r12; after[4..11]: r4..r11. */
static void call_marked(uint32_t handle, uint32_t *after)
{
    __asm volatile("push {r4-r11, lr}\n\t"
                   "push {%1}\n\t"
                   "mov r0, %0\n\t"
                   "movs r1, #99\n\t"
                   "movs r2, #0\n\t"
                   "movs r3, #0\n\t"
                   "mov r4, #0x44\n\tmov r5, #0x55\n\tmov r6, #0x66\n\tmov r7, #0x77\n\t"
                   "mov r8, #0x88\n\tmov r9, #0x99\n\tmov r10, #0xaa\n\tmov r11, #0xbb\n\t"
                   "bl psa_call_gateway\n\t"
                   "pop {r0}\n\t"
                   "stmia r0!, {r1-r3, r12}\n\t"
                   "stmia r0!, {r4-r11}\n\t"
                   "pop {r4-r11, lr}"
                   :
                   : "r"(handle), "r"(after)
                   : "r0", "r1", "r2", "r3", "r12", "memory", "cc");
}

void check_registers(void)
{
    uint32_t after[12];

    memset(after, 0xFF, sizeof(after));
    call_marked((uint32_t)PROBE_HANDLE, after);
    for (uint32_t i = 0; i < 4U; i++) {
        check_equal("caller-saved register cleared", (int32_t)after[i], 0);
    }
    for (uint32_t i = 0; i < 8U; i++) {
        check_equal("callee-saved register kept", (int32_t)after[4U + i],
                    (int32_t)(0x11U * (4U + i)));
    }
#if defined(__ARM_FP)
    float kept;

    __asm volatile("vmov.f32 s20, #2.0" ::: "s20");
    check_equal("call with live FP registers", psa_call(PROBE_HANDLE, INT16_MAX, NULL, 0, NULL, 0),
                PSA_ERROR_NOT_SUPPORTED);
    __asm volatile("vmov.f32 %0, s20" : "=t"(kept));
    check_equal("FP register kept", (int32_t)kept, 2);
#endif
}

/* Non-secure interrupts arrive in the middle of secure work, and change nothing but what they mean
 * to. */
void check_interrupts(void)
{
    static uint8_t data[16384];
    uint8_t first[32];
    uint8_t second[32];
    size_t length;

    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)i;
    }
    check_equal("hash in peace",
                psa_hash_compute(PSA_ALG_SHA_256, data, sizeof(data), first, 32, &length),
                PSA_SUCCESS);
    ticks = 0;
    handler_status = 0;
    SYST_RVR = 1999U;
    SYST_CVR = 0U;
    SYST_CSR = SYST_RUN;
    check_equal("hash under interrupts",
                psa_hash_compute(PSA_ALG_SHA_256, data, sizeof(data), second, 32, &length),
                PSA_SUCCESS);
    SYST_CSR = 0U;
    check_equal("interrupts came during the call", ticks > 3U, 1);
    check_equal("their calls were refused", handler_status, PSA_ERROR_NOT_PERMITTED);
    check_equal("same hash", memcmp(first, second, sizeof(first)), 0);
}
