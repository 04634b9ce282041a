#include "cplusplus.h"

#include <new>
#include <type_traits>
#include <utility>

#include "../plain_session.h"

namespace {

int constructed, order;

struct Global {
    explicit Global(int position) {
        constructed++;
        order = order * 10 + position;
    }
};
__attribute__((init_priority(300))) Global second(2);
__attribute__((init_priority(200))) Global first(1);
Global last(3);

thread_local uint32_t counter = 1234;
thread_local uint32_t zero;
alignas(64) thread_local char aligned[64];
char *volatile place;

int destroyed;
struct Guard {
    ~Guard() { destroyed++; }
};
struct Failure {
    uint32_t code;
};

__attribute__((noinline)) void fail(uint32_t code) {
    Guard guard;
    if (code % 2) throw Failure{code};
    throw code;
}
__attribute__((noinline)) void pass_on(uint32_t code) {
    Guard guard;
    fail(code);
}

uint32_t catch_it(uint32_t code) {
    try {
        Guard guard;
        pass_on(code);
    } catch (const Failure &failure) {
        return failure.code;
    } catch (uint32_t number) {
        return number + 1000;
    }
    return 0;
}

int instances;
class Shape {
public:
    Shape() { instances++; }
    virtual ~Shape() { instances--; }
    virtual uint32_t area() const = 0;
};
class Square final : public Shape {
public:
    explicit Square(uint32_t side) : side(side) {}
    uint32_t area() const override { return side * side; }

private:
    uint32_t side;
};
class Rectangle final : public Shape {
public:
    Rectangle(uint32_t width, uint32_t height) : width(width), height(height) {}
    uint32_t area() const override { return width * height; }

private:
    uint32_t width, height;
};

template <typename T> class Owner {
    static_assert(std::is_class_v<T>);

public:
    explicit Owner(T *object) : object(object) {}
    Owner(Owner &&other) : object(std::exchange(other.object, nullptr)) {}
    ~Owner() { delete object; }
    T *operator->() const { return object; }

private:
    T *object;
};

uint32_t total_area() {
    Owner<Shape> square(new Square(5)), rectangle(new Rectangle(3, 4)), moved(std::move(square));
    return moved->area() + rectangle->area();
}

int localConstructions;
struct Local {
    Local() { localConstructions++; }
    uint32_t value = 77;
};
Local &local() {
    static Local object;
    return object;
}

}  // namespace

extern "C" TEE_Result TA_InvokeCommandEntryPoint(void *, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    switch (commandID) {
    case CPLUSPLUS_CONSTRUCTORS:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        params[0].value.a = constructed;
        params[0].value.b = order == 123;
        return TEE_SUCCESS;
    case CPLUSPLUS_THREAD_LOCALS:
        EXPECT_TYPES(VALUE_OUT, VALUE_OUT, NONE, NONE);
        params[0].value.a = counter++;
        params[0].value.b = zero++;
        // Not known to the compiler, who believes what it was told.
        place = aligned;
        params[1].value.a = reinterpret_cast<uintptr_t>(place) % 64;
        params[1].value.b = 0;
        return TEE_SUCCESS;
    case CPLUSPLUS_EXCEPTIONS:
        EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE);
        destroyed = 0;
        params[1].value.a = catch_it(params[0].value.a);
        params[1].value.b = destroyed;
        return TEE_SUCCESS;
    case CPLUSPLUS_OBJECTS:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        params[0].value.a = total_area();
        params[0].value.b = instances;
        return TEE_SUCCESS;
    case CPLUSPLUS_LOCAL_STATIC:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        params[0].value.b = local().value;
        params[0].value.a = localConstructions;
        return TEE_SUCCESS;
    case CPLUSPLUS_UNCAUGHT: fail(1); return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
