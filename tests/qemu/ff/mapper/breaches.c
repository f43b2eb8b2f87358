/*
 * Rules of mapped vectors that the mapper breaks on request. FF-M 1.1, 3.5 and 5.2.
 *
 * The client gives a text in in[0], 64 bytes in in[1], no more; and 64 bytes of room in out[0].
 */
#include "tests/qemu/ff/mapper/mapper.h"

static uint8_t bytes[64];

#define BREACH(name, ...)                                                                          \
    static int32_t name(const psa_msg_t *message)                                                  \
    {                                                                                              \
        psa_handle_t handle = message->handle;                                                     \
        (void)handle;                                                                              \
        __VA_ARGS__                                                                                \
        return PSA_SUCCESS;                                                                        \
    }

BREACH(map_twice, (void)psa_map_invec(handle, 1U); (void)psa_map_invec(handle, 1U);)
BREACH(map_again, (void)psa_map_invec(handle, 1U); psa_unmap_invec(handle, 1U);
       (void)psa_map_invec(handle, 1U);)
BREACH(map_out_twice, (void)psa_map_outvec(handle, 0U); (void)psa_map_outvec(handle, 0U);)
BREACH(map_out_again, (void)psa_map_outvec(handle, 0U); psa_unmap_outvec(handle, 0U, 1U);
       (void)psa_map_outvec(handle, 0U);)
BREACH(map_after_read, (void)psa_read(handle, 1U, bytes, 1U); (void)psa_map_invec(handle, 1U);)
BREACH(map_after_skip, (void)psa_skip(handle, 1U, 1U); (void)psa_map_invec(handle, 1U);)
BREACH(map_after_write, psa_write(handle, 0U, bytes, 1U); (void)psa_map_outvec(handle, 0U);)
BREACH(read_after_map, (void)psa_map_invec(handle, 1U); (void)psa_read(handle, 1U, bytes, 1U);)
BREACH(skip_after_map, (void)psa_map_invec(handle, 1U); (void)psa_skip(handle, 1U, 1U);)
BREACH(write_after_map, (void)psa_map_outvec(handle, 0U); psa_write(handle, 0U, bytes, 1U);)
BREACH(read_after_unmap, (void)psa_map_invec(handle, 1U); psa_unmap_invec(handle, 1U);
       (void)psa_read(handle, 1U, bytes, 1U);)
BREACH(unmap_unmapped, psa_unmap_invec(handle, 1U);)
BREACH(unmap_out_unmapped, psa_unmap_outvec(handle, 0U, 0U);)
BREACH(unmap_twice, (void)psa_map_invec(handle, 1U); psa_unmap_invec(handle, 1U);
       psa_unmap_invec(handle, 1U);)
BREACH(unmap_out_twice, (void)psa_map_outvec(handle, 0U); psa_unmap_outvec(handle, 0U, 0U);
       psa_unmap_outvec(handle, 0U, 0U);)
BREACH(unmap_out_long, (void)psa_map_outvec(handle, 0U);
       psa_unmap_outvec(handle, 0U, message->out_size[0] + 1U);)
BREACH(map_empty, (void)psa_map_invec(handle, 2U);)
BREACH(map_out_empty, (void)psa_map_outvec(handle, 1U);)
BREACH(map_index, (void)psa_map_invec(handle, PSA_MAX_IOVEC);)
BREACH(map_out_index, (void)psa_map_outvec(handle, PSA_MAX_IOVEC);)
BREACH(unmap_index, psa_unmap_invec(handle, PSA_MAX_IOVEC);)
BREACH(unmap_out_index, psa_unmap_outvec(handle, PSA_MAX_IOVEC, 0U);)
BREACH(map_unknown, (void)psa_map_invec(handle + 1, 1U);)
BREACH(map_out_unknown, (void)psa_map_outvec(handle + 1, 0U);)
BREACH(unmap_unknown, psa_unmap_invec(handle + 1, 1U);)
BREACH(unmap_out_unknown, psa_unmap_outvec(handle + 1, 0U, 0U);)
BREACH(map_replied, psa_reply(handle, PSA_SUCCESS); (void)psa_map_invec(handle, 1U);)

/* ---- Faults ---- */
BREACH(write_to_in, volatile uint8_t *in = (volatile uint8_t *)(uintptr_t)psa_map_invec(handle, 1U);
       in[0] = 1U;)
BREACH(use_unmapped, const volatile uint8_t *in = psa_map_invec(handle, 1U);
       psa_unmap_invec(handle, 1U); bytes[0] = in[0];)
BREACH(use_out_unmapped, volatile uint8_t *out = psa_map_outvec(handle, 0U);
       psa_unmap_outvec(handle, 0U, 1U); out[0] = 1U;)
BREACH(use_replied, const volatile uint8_t *in = psa_map_invec(handle, 1U);
       psa_reply(handle, PSA_SUCCESS); bytes[0] = in[0];)
BREACH(use_past, const volatile uint8_t *in = psa_map_invec(handle, 1U); bytes[0] = in[96];)
BREACH(use_before, const volatile uint8_t *in = psa_map_invec(handle, 1U); bytes[0] = in[-32];)

const struct actor_row mapper_breaches[] = {
    {"map-twice", map_twice},
    {"map-again", map_again},
    {"map-out-twice", map_out_twice},
    {"map-out-again", map_out_again},
    {"map-after-read", map_after_read},
    {"map-after-skip", map_after_skip},
    {"map-after-write", map_after_write},
    {"read-after-map", read_after_map},
    {"skip-after-map", skip_after_map},
    {"write-after-map", write_after_map},
    {"read-after-unmap", read_after_unmap},
    {"unmap-unmapped", unmap_unmapped},
    {"unmap-out-unmapped", unmap_out_unmapped},
    {"unmap-twice", unmap_twice},
    {"unmap-out-twice", unmap_out_twice},
    {"unmap-out-long", unmap_out_long},
    {"map-empty", map_empty},
    {"map-out-empty", map_out_empty},
    {"map-index", map_index},
    {"map-out-index", map_out_index},
    {"unmap-index", unmap_index},
    {"unmap-out-index", unmap_out_index},
    {"map-unknown", map_unknown},
    {"map-out-unknown", map_out_unknown},
    {"unmap-unknown", unmap_unknown},
    {"unmap-out-unknown", unmap_out_unknown},
    {"map-replied", map_replied},
    {"write-to-in", write_to_in},
    {"use-unmapped", use_unmapped},
    {"use-out-unmapped", use_out_unmapped},
    {"use-replied", use_replied},
    {"use-past", use_past},
    {"use-before", use_before},
};
const uint32_t mapper_breach_count = sizeof(mapper_breaches) / sizeof(mapper_breaches[0]);
