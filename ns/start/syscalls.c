/*
 * What newlib asks of a board so that printf() and malloc() work: output to the UART, memory from
 * ns.ld. All of it is weak: an application may bring its own.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bartizan/board.h"

#define WEAK __attribute__((weak))

extern uint8_t __heap_start[];
extern uint8_t __heap_end[];

void *_sbrk(ptrdiff_t increment) WEAK;
int _write(int file, const char *text, int length) WEAK;
int _read(int file, char *text, int length) WEAK;
int _close(int file) WEAK;
int _fstat(int file, struct stat *status) WEAK;
int _isatty(int file) WEAK;
off_t _lseek(int file, off_t offset, int whence) WEAK;
int _kill(int process, int signal) WEAK;
int _getpid(void) WEAK;
void _exit(int status) __attribute__((weak, noreturn));

void *_sbrk(ptrdiff_t increment)
{
    static uint8_t *end = __heap_start;
    uint8_t *previous = end;

    if (increment > __heap_end - end) {
        errno = ENOMEM;
        return (void *)-1;
    }
    end += increment;
    return previous;
}

int _write(int file, const char *text, int length)
{
    (void)file;
    board_uart_write(text, (size_t)length);
    return length;
}

int _read(int file, char *text, int length)
{
    (void)file;
    (void)text;
    (void)length;
    return 0;
}

int _close(int file)
{
    (void)file;
    return -1;
}

int _fstat(int file, struct stat *status)
{
    (void)file;
    status->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int file)
{
    (void)file;
    return 1;
}

off_t _lseek(int file, off_t offset, int whence)
{
    (void)file;
    (void)offset;
    (void)whence;
    return 0;
}

int _kill(int process, int signal)
{
    (void)process;
    (void)signal;
    errno = EINVAL;
    return -1;
}

int _getpid(void)
{
    return 1;
}

void _exit(int status)
{
    (void)status;
    for (;;) {
        __asm volatile("wfi");
    }
}
