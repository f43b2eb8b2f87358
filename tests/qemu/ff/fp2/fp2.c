/*
 * Floating point, partition 2 of two: see fp.inc.
 */
#include "psa_manifest/fp2.h"
#include "psa_manifest/sid.h"

#define FP_MAIN   fp2_main
#define FP_SIGNAL FF_FP2_SIGNAL
#define FP_OTHER  FF_FP1_HANDLE
#include "tests/qemu/ff/fp1/fp.inc"
