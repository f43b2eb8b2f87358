/*
 * Damaged and forged flash images with libFuzzer, which looks for the pieces of damage that reach
 * new code (damage.h). The first byte says what is damaged.
 */
#include "damage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size != 0U) {
        (void)((data[0] & 1U) != 0U ? damage_store(data + 1, size - 1U)
                                    : damage_ps(data + 1, size - 1U));
    }
    return 0;
}
