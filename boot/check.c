/*
 * The words of boot's refusals, see check.h. Host tools compare them: change them only with
 * boot/README.md.
 */
#include "boot/check.h"

static const char *const check_texts[BOOT_CHECK_COUNT] = {
    [BOOT_CHECK_PASSED] = "passed",
    [BOOT_CHECK_READ] = "read error",
    [BOOT_CHECK_EMPTY] = "no image",
    [BOOT_CHECK_MAGIC] = "header magic",
    [BOOT_CHECK_HEADER_SIZE] = "header size",
    [BOOT_CHECK_IMAGE_SIZE] = "image size",
    [BOOT_CHECK_FLAGS] = "header flags",
    [BOOT_CHECK_LOAD_ADDRESS] = "load address",
    [BOOT_CHECK_PROTECTED_AREA] = "protected area",
    [BOOT_CHECK_TLV_AREA] = "tlv area",
    [BOOT_CHECK_TLV_LENGTH] = "tlv length",
    [BOOT_CHECK_TLV_TYPE] = "tlv type",
    [BOOT_CHECK_TLV_REPEATED] = "tlv repeated",
    [BOOT_CHECK_NO_DIGEST] = "no digest",
    [BOOT_CHECK_NO_SIGNATURE] = "no signature",
    [BOOT_CHECK_NO_COUNTER] = "no security counter",
    [BOOT_CHECK_DIGEST] = "digest",
    [BOOT_CHECK_KEY] = "unknown key",
    [BOOT_CHECK_KEY_REVOKED] = "revoked key",
    [BOOT_CHECK_SIGNATURE_FORMAT] = "signature format",
    [BOOT_CHECK_SIGNATURE] = "signature",
    [BOOT_CHECK_SIGNATURE_COUNT] = "too few signatures",
    [BOOT_CHECK_COUNTER] = "security counter",
    [BOOT_CHECK_VECTORS] = "vectors",
    [BOOT_CHECK_DEPENDENCY] = "dependency",
};

const char *boot_check_text(enum boot_check check)
{
    if ((unsigned int)check >= (unsigned int)BOOT_CHECK_COUNT) {
        return "unknown";
    }
    return check_texts[check];
}
