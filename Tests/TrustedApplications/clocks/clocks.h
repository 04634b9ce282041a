// Times, in seconds and milliseconds.
#ifndef CLOCKS_H
#define CLOCKS_H

#define CLOCKS_UUID \
    { 0x5ec0e001, 0x0006, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x06 } }

/// value[0] out: system time.
#define CLOCKS_SYSTEM 0
/// value[0] out: the normal world's time.
#define CLOCKS_REE 1
/// value[0] out: the application's own time.
#define CLOCKS_PERSISTENT 2
/// value[0] in: the application's own time from now on.
#define CLOCKS_SET_PERSISTENT 3
/// value[0].a in: milliseconds to wait; value[1].a out: milliseconds that system time went on meanwhile.
#define CLOCKS_WAIT 4

#endif
