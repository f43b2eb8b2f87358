/*
 * The hand-off: what boot tells the secure world, once per boot, in secure RAM.
 *
 * Boot writes it (boot/handoff.c); spm/start.c reads it once into the manager's memory and wipes
 * it. Byte picture and version rule: docs/formats/handoff.md. Little-endian, no padding.
 */
#ifndef BARTIZAN_HANDOFF_H
#define BARTIZAN_HANDOFF_H

#include <stdint.h>

#define HANDOFF_MAGIC      UINT32_C(0x464F5A42) /* "BZOF" */
#define HANDOFF_VERSION    1U
#define HANDOFF_IMAGES_MAX 4U

struct handoff_image {
    uint32_t image_id;
    uint8_t version_major;
    uint8_t version_minor;
    uint16_t version_revision;
    uint32_t version_build;
    uint32_t security_counter;
    uint32_t vectors;        /* address of the image's vector table (payload start) */
    uint32_t size_bytes;     /* payload */
    uint8_t measurement[32]; /* SHA-256 that was verified */
    uint8_t signer_id[32];   /* SHA-256 of the public key that verified it */
};

struct handoff {
    uint32_t magic;
    uint16_t version;
    uint16_t size_bytes;    /* of this structure, CRC included */
    uint32_t life_cycle;    /* PSA life cycle value, e.g. 0x3000 SECURED */
    uint32_t reset_reason;  /* enum platform_reset_reason */
    uint32_t update_result; /* 0: no update was handled at this boot */
    uint32_t boot_count;
    uint8_t boot_seed[32];
    uint8_t generator_seed[48];
    uint8_t runtime_root[32];
    uint8_t attestation_key[32]; /* P-256 private scalar, big-endian */
    uint8_t instance_id[36];     /* 33 bytes UEID, 3 bytes zero */
    uint8_t implementation_id[32];
    uint32_t image_count;
    struct handoff_image images[HANDOFF_IMAGES_MAX]; /* image_count used, the rest zero */
    uint32_t crc32;                                  /* of all bytes before it */
};

#endif
