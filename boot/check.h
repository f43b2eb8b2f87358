/*
 * Why boot refuses an image: the whole list, and its words.
 *
 * Used by the parser, the verifier and main. The words follow "boot: image <name> refused: " and
 * are what host tools compare; boot/README.md explains each. A check is a reason, never a
 * permission: what may start is decided by hardened verdicts (lib/fih).
 */
#ifndef BARTIZAN_BOOT_CHECK_H
#define BARTIZAN_BOOT_CHECK_H

enum boot_check {
    BOOT_CHECK_PASSED = 0,
    BOOT_CHECK_READ,
    BOOT_CHECK_EMPTY,
    BOOT_CHECK_MAGIC,
    BOOT_CHECK_HEADER_SIZE,
    BOOT_CHECK_IMAGE_SIZE,
    BOOT_CHECK_FLAGS,
    BOOT_CHECK_LOAD_ADDRESS,
    BOOT_CHECK_PROTECTED_AREA,
    BOOT_CHECK_TLV_AREA,
    BOOT_CHECK_TLV_LENGTH,
    BOOT_CHECK_TLV_TYPE,
    BOOT_CHECK_TLV_REPEATED,
    BOOT_CHECK_NO_DIGEST,
    BOOT_CHECK_NO_SIGNATURE,
    BOOT_CHECK_NO_COUNTER,
    BOOT_CHECK_DIGEST,
    BOOT_CHECK_KEY,
    BOOT_CHECK_KEY_REVOKED,
    BOOT_CHECK_SIGNATURE_FORMAT,
    BOOT_CHECK_SIGNATURE,
    BOOT_CHECK_SIGNATURE_COUNT,
    BOOT_CHECK_COUNTER,
    BOOT_CHECK_VECTORS,
    BOOT_CHECK_DEPENDENCY,
    BOOT_CHECK_COUNT
};

/* The words of a check; for values outside the list a fixed text. */
const char *boot_check_text(enum boot_check check);

#endif
