/*
 * PSA Firmware Framework: which optional features the manager has.
 *
 * Source: PSA Firmware Framework for M 1.1 Extensions (AES 0039), section 3.5. For code of
 * partitions that builds on other managers too.
 */
#ifndef PSA_FRAMEWORK_FEATURE_H
#define PSA_FRAMEWORK_FEATURE_H

/* psa_map_invec() and its like are there, for services whose manifest has mm_iovec: enable. */
#define PSA_FRAMEWORK_HAS_MM_IOVEC 1

#endif
