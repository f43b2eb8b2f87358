/*
 * The part of a product's layout.h that boot's host-tested sources use, fixed for their tests.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define FLASH_ERASED 0xFFU

#endif
