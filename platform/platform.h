/*
 * The hardware abstraction: everything boot and the partition manager ask of a device.
 *
 * Called by boot/ and spm/ only; services and applications never include it. A port is one folder
 * platform/<name>/ that defines these functions (at most 20) and the start-up code, chosen by the
 * build's file list. A port never decides policy: addresses and sizes come from the generated
 * layout.h, which comes from the product file.
 */
#ifndef BARTIZAN_PLATFORM_H
#define BARTIZAN_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

/* Why the processor last left reset, as kept in retained RAM. Values are part of the hand-off
 * format. */
enum platform_reset_reason {
    PLATFORM_RESET_COLD = 1,      /* power-on or external: nobody in the secure world asked */
    PLATFORM_RESET_REQUESTED = 2, /* asked for by software (update, Platform service) */
    PLATFORM_RESET_WATCHDOG = 3,
    PLATFORM_RESET_FAULT = 4, /* a fault handler of boot or the manager */
    PLATFORM_RESET_PANIC = 5, /* psa_panic() or a programmer error of a partition */
};

/* ---- Start and log ---- */

/* First call of boot and of the manager: clocks, the secure UART, the flash driver. May be
 * called once by each image. */
void platform_init(void);

/* Writes length bytes to the secure log UART, waiting for room. Never called with secrets. */
void platform_log_write(const char *text, size_t length);

/* ---- Flash: offsets in bytes from the start of the product's flash ---- */

/* Reads length bytes at offset into buffer. Any alignment.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT outside the flash; PSA_ERROR_DATA_CORRUPT if a program
 * unit in the range reads with an uncorrectable ECC error (buffer is then zeroed). */
psa_status_t platform_flash_read(uint32_t offset, void *buffer, size_t length)
    __attribute__((warn_unused_result));

/* Programs length bytes at offset, and reads them back; both multiples of FLASH_PROGRAM_UNIT; every
 * unit must be erased. PSA_SUCCESS: the flash holds the data; PSA_ERROR_INVALID_ARGUMENT (bounds,
 * alignment); PSA_ERROR_NOT_PERMITTED if a unit in the range is not erased (nothing is programmed
 * then); PSA_ERROR_STORAGE_FAILURE: something else reads back. */
psa_status_t platform_flash_program(uint32_t offset, const void *data, size_t length)
    __attribute__((warn_unused_result));

/* Erases the one sector that starts at offset (a multiple of FLASH_SECTOR_SIZE).
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT; PSA_ERROR_STORAGE_FAILURE. */
psa_status_t platform_flash_erase(uint32_t offset) __attribute__((warn_unused_result));

/* The address at which the byte at offset can be executed and hashed in place. */
const void *platform_flash_address(uint32_t offset);

/* ---- Protection ---- */

/* Boot, before the jump: makes the provisioning region unreadable until the next reset, for
 * privileged code too. Where the device has no hardware for it, the port keeps MPU regions; the
 * manager then never turns the MPU off and never touches those. */
void platform_close_provisioning(void);

/* Manager, once: the split of the address space between the two worlds (SAU, memory and peripheral
 * protection controllers, interrupt targets, DMA controllers secure), from layout.h. */
void platform_split_worlds(void);

/* Manager, last before the non-secure world starts: locks what split_worlds() set, as far as the
 * hardware has locks. */
void platform_lock_worlds(void);

/* Number of secure MPU regions, counted from the highest, that platform_close_provisioning()
 * keeps. */
uint32_t platform_reserved_mpu_regions(void);

/* Grants (or takes back) unprivileged secure access to the peripheral at base, where the device
 * has a peripheral protection controller for it; otherwise does nothing. */
void platform_grant_peripheral(uint32_t base, bool granted);

/* ---- Reset and watchdog ---- */

/* Starts the secure watchdog: without a kick for timeout_seconds (1..60) the device resets, reason
 * PLATFORM_RESET_WATCHDOG. A kick restarts the whole time. */
void platform_watchdog_start(uint32_t timeout_seconds);
void platform_watchdog_kick(void);
void platform_watchdog_stop(void);

/* The body of the NMI handler of both images. Resets the device when the watchdog has expired;
 * returns when the NMI had another source that the port has dealt with. */
void platform_handle_nmi(void);

/* Reason of the last reset. Boot's platform_init() settles it, once per reset; reading does not
 * clear it. */
enum platform_reset_reason platform_reset_reason(void);

/* So many bytes at the start of the product's retained memory belong to the port. Nobody
 * initialises that memory; the rest of it is free for the images. */
#define PLATFORM_RETAINED_SIZE 32U

/* Stores the reason in retained RAM and resets the device. Does not return. */
void platform_reset(enum platform_reset_reason reason) __attribute__((noreturn));

/* The defined end state of a device that must not run: interrupts masked, watchdog stopped,
 * asleep for ever. The caller has written its reason to the log. Does not return. */
void platform_halt(void) __attribute__((noreturn));

/* ---- Entropy ---- */

/* Fills buffer from a hardware generator. PSA_ERROR_NOT_SUPPORTED where the device has none:
 * boot then derives seeds from the provisioned entropy seed and the boot counter. */
psa_status_t platform_entropy(void *buffer, size_t length) __attribute__((warn_unused_result));

#endif
