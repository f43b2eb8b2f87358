/*
 * malloc(), calloc(), realloc() and free() for partitions whose manifest has a heap_size.
 *
 * Linked once, into the code that all partitions share, so it keeps no state: the manager says
 * where the caller's heap is, and everything else is in the heap itself. A heap is a row of chunks,
 * each with a header, up to an end mark that is never free; neighbours that are free are one
 * chunk. An unused heap is all zero. First fit: malloc() walks the row, free() looks at neighbours
 * only. Both end the partition when a header or pointer is not what this file left. Not for the
 * functions that handle interrupts (FLIH): these may run in the middle of any of this.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "psa/service.h"
#include "spm/partition.h"

struct chunk {
    uint32_t size;   /* bytes, this header included, a multiple of 8; bit 0: USED */
    uint32_t before; /* bytes of the chunk before this one; 0: it is the first */
};

#define USED     1U
#define HEADER   ((uint32_t)sizeof(struct chunk))
#define SMALLEST (2U * HEADER)

struct heap {
    struct chunk *first;
    struct chunk *end; /* the end mark: size 0, USED */
};

static uint32_t bytes_of(const struct chunk *chunk)
{
    return chunk->size & ~USED;
}

static struct chunk *at(struct chunk *chunk, uint32_t bytes)
{
    return (struct chunk *)((uintptr_t)chunk + bytes);
}

/* The caller's heap; false: it has none. */
static bool heap_open(struct heap *heap)
{
    uint64_t answer = spm_heap();
    uint32_t bytes = (uint32_t)(answer >> 32) & ~(HEADER - 1U);

    if (bytes < SMALLEST + HEADER) {
        return false;
    }
    heap->first = (struct chunk *)(uintptr_t)(uint32_t)answer;
    heap->end = at(heap->first, bytes - HEADER);
    if ((heap->first->size == 0U) && (heap->first->before == 0U)) { /* its first use */
        *heap->first = (struct chunk){.size = bytes - HEADER};
        *heap->end = (struct chunk){.size = USED, .before = bytes - HEADER};
    }
    return true;
}

/* Ends the partition unless the chunk lies before the end mark and the next one agrees with it. */
static void chunk_check(const struct heap *heap, struct chunk *chunk)
{
    uint32_t bytes = bytes_of(chunk);

    if ((bytes < SMALLEST) || (bytes % HEADER != 0U) ||
        (bytes > (uintptr_t)heap->end - (uintptr_t)chunk) || (at(chunk, bytes)->before != bytes)) {
        psa_panic();
    }
}

/* The chunk before one that is not the first. */
static struct chunk *chunk_before(const struct heap *heap, struct chunk *chunk)
{
    uint32_t bytes = chunk->before;
    struct chunk *before = (struct chunk *)((uintptr_t)chunk - bytes);

    if ((bytes < SMALLEST) || (bytes % HEADER != 0U) ||
        (bytes > (uintptr_t)chunk - (uintptr_t)heap->first) || (bytes_of(before) != bytes)) {
        psa_panic();
    }
    return before;
}

/* The chunk behind a pointer that malloc() returned and that was not freed since; any other pointer
 * ends the partition. */
static struct chunk *chunk_of(struct heap *heap, void *pointer)
{
    struct chunk *chunk = (struct chunk *)((uintptr_t)pointer - HEADER);

    if (!heap_open(heap) || (chunk < heap->first) || (chunk >= heap->end) ||
        ((uintptr_t)chunk % HEADER != 0U) || ((chunk->size & USED) == 0U)) {
        psa_panic();
    }
    chunk_check(heap, chunk);
    if (chunk != heap->first) {
        (void)chunk_before(heap, chunk);
    }
    return chunk;
}

/* Makes one chunk of a chunk and its next one, if that is free. */
static void chunk_join(const struct heap *heap, struct chunk *chunk)
{
    struct chunk *next = at(chunk, bytes_of(chunk));

    if ((next->size & USED) == 0U) {
        chunk_check(heap, next);
        chunk->size += bytes_of(next);
        at(chunk, bytes_of(chunk))->before = bytes_of(chunk);
    }
}

/* Gives back what a used chunk has beyond the bytes needed, if that makes a chunk. */
static void chunk_trim(const struct heap *heap, struct chunk *chunk, uint32_t needed)
{
    uint32_t rest = bytes_of(chunk) - needed;
    struct chunk *next = at(chunk, needed);

    if (rest >= SMALLEST) {
        *next = (struct chunk){.size = rest, .before = needed};
        chunk->size = needed | USED;
        at(next, rest)->before = rest;
        chunk_join(heap, next);
    }
}

/* Bytes of a chunk for size bytes of data; 0: more than the heap has. */
static uint32_t bytes_needed(const struct heap *heap, size_t size)
{
    if (size > (uintptr_t)heap->end - (uintptr_t)heap->first) {
        return 0U;
    }
    return (size == 0U) ? SMALLEST : ((uint32_t)size + 2U * HEADER - 1U) & ~(HEADER - 1U);
}

void *malloc(size_t size)
{
    struct heap heap;
    uint32_t needed = heap_open(&heap) ? bytes_needed(&heap, size) : 0U;

    if (needed == 0U) {
        return NULL;
    }
    for (struct chunk *chunk = heap.first; chunk != heap.end; chunk = at(chunk, bytes_of(chunk))) {
        chunk_check(&heap, chunk);
        if (((chunk->size & USED) == 0U) && (chunk->size >= needed)) {
            chunk->size |= USED;
            chunk_trim(&heap, chunk, needed);
            return chunk + 1;
        }
    }
    return NULL;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *pointer = __builtin_mul_overflow(count, size, &bytes) ? NULL : malloc(bytes);

    return (pointer == NULL) ? NULL : memset(pointer, 0, bytes);
}

void free(void *pointer)
{
    struct heap heap;
    struct chunk *chunk;

    if (pointer == NULL) {
        return;
    }
    chunk = chunk_of(&heap, pointer);
    chunk->size &= ~USED;
    chunk_join(&heap, chunk);
    if (chunk != heap.first) {
        struct chunk *before = chunk_before(&heap, chunk);

        if ((before->size & USED) == 0U) {
            chunk_join(&heap, before);
        }
    }
}

/* Makes a used chunk large enough where it is, if it can be. */
static bool chunk_grow(const struct heap *heap, struct chunk *chunk, uint32_t needed)
{
    struct chunk *next = at(chunk, bytes_of(chunk));
    uint32_t free_bytes = ((next->size & USED) == 0U) ? next->size : 0U;

    if ((needed == 0U) || (needed > bytes_of(chunk) + free_bytes)) {
        return false;
    }
    if (needed > bytes_of(chunk)) {
        chunk_join(heap, chunk);
    }
    chunk_trim(heap, chunk, needed);
    return true;
}

void *realloc(void *pointer, size_t size)
{
    struct heap heap;
    struct chunk *chunk;
    void *moved;

    if (pointer == NULL) {
        return malloc(size);
    }
    if (size == 0U) {
        free(pointer);
        return NULL;
    }
    chunk = chunk_of(&heap, pointer);
    if (chunk_grow(&heap, chunk, bytes_needed(&heap, size))) {
        return pointer;
    }
    moved = malloc(size);
    if (moved != NULL) { /* it is larger than the chunk that it leaves */
        (void)memcpy(moved, pointer, bytes_of(chunk) - HEADER);
        free(pointer);
    }
    return moved;
}
