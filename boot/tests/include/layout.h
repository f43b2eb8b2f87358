/*
 * The part of a product's layout.h that boot's host-tested sources use, fixed for their tests.
 *
 * The generated header of a product is never on the include path of a host test.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define FLASH_ERASED 0xFFU

#endif
