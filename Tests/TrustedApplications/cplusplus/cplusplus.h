// C++: global constructors, virtual functions, templates, thread-local variables, exceptions.
#ifndef CPLUSPLUS_H
#define CPLUSPLUS_H

#define CPLUSPLUS_UUID \
    { 0x5ec0e001, 0x0010, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x10 } }

/// value[0] out: how many global objects were constructed before the instance, and whether in the order of their priority.
#define CPLUSPLUS_CONSTRUCTORS 0
/// value[0] out: a thread-local number that begins at 1234 and counts calls, and one that begins at 0; value[1] out: remainder of an address by 64, which is 0.
#define CPLUSPLUS_THREAD_LOCALS 1
/// value[0].a in: what is thrown three functions below; value[1] out: what is caught, destructors that ran on the way.
#define CPLUSPLUS_EXCEPTIONS 2
/// value[0] out: area of shapes through virtual functions, instances of a class with new and delete that are left.
#define CPLUSPLUS_OBJECTS 3
/// value[0] out: times that a local static object was constructed, its value.
#define CPLUSPLUS_LOCAL_STATIC 4
/// An exception that nobody catches: panics.
#define CPLUSPLUS_UNCAUGHT 5

#endif
