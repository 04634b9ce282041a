// Jumps out of functions (ISO C11, 7.13).
#ifndef SETJMP_H
#define SETJMP_H

#include <compiler.h>

#ifdef __cplusplus
extern "C" {
#endif
/// rbx, rbp, r12 to r15, rsp, rip.
typedef unsigned long jmp_buf[8];
int setjmp(jmp_buf environment) __attribute__((returns_twice));
void longjmp(jmp_buf environment, int value) __noreturn;
#ifdef __cplusplus
}
#endif

#endif
