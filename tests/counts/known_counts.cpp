// Code whose instructions are known: what the plugin counts of it is compared by known_counts.py. A
// name ends with the number; the first row is what the marks themselves count, to be subtracted.
// Where there are five, the others are of known_fused and of known_unfused: their own instructions,
// with the call of mark_end, and the fused multiply-adds of four floats.
#include <cstdio>

#include "bench/shapes/marks.hpp"

namespace {

void nothing() {
    mark_begin();
    mark_end();
}

#ifdef __aarch64__

void pair() {
    mark_begin();
    __asm__ volatile("ldp x9, x10, [sp]\n nop" : : : "x9", "x10");
    mark_end();
}

void loop() {
    mark_begin();
    __asm__ volatile("mov x9, #5\n 1: subs x9, x9, #1\n b.ne 1b" : : : "x9", "cc");
    mark_end();
}

[[gnu::noinline]] void known_fused() {
    mark_begin();
    __asm__ volatile(
        "fmla v0.4s, v1.4s, v2.4s\n fmla v0.4s, v1.4s, v2.s[3]\n fmla v31.4s, v31.4s, v31.s[1]"
        :
        :
        : "v0", "v31");
    mark_end();
}

// Other products, two floats, doubles and what is no vector.
[[gnu::noinline]] void known_unfused() {
    mark_begin();
    __asm__ volatile(
        "fmul v0.4s, v1.4s, v2.4s\n fmul v0.4s, v1.4s, v2.s[3]\n fmls v0.4s, v1.4s, v2.4s\n"
        "fmls v0.4s, v1.4s, v2.s[3]\n fmla v0.2s, v1.2s, v2.2s\n fmla v0.2s, v1.2s, v2.s[3]\n"
        "fmla v0.2d, v1.2d, v2.2d\n fmla v0.2d, v1.2d, v2.d[1]\n fmla s0, s1, v2.s[3]\n"
        "fmadd s0, s1, s2, s0\n fadd v0.4s, v1.4s, v2.4s"
        :
        :
        : "v0");
    mark_end();
}

#else

void several_integers() {
    mark_begin();
    __asm__ volatile("push {r0-r3}\n pop {r0-r3}\n ldmia.w sp, {r0-r2}" : : : "r0", "r1", "r2");
    mark_end();
}

void conditions() {
    mark_begin();
    __asm__ volatile("cmp r0, r0\n ite ne\n movne r1, r0\n moveq r1, r0" : : : "r1", "cc");
    mark_end();
}

void loop() {
    mark_begin();
    __asm__ volatile("movs r1, #5\n 1: subs r1, #1\n bne 1b" : : : "r1", "cc");
    mark_end();
}

#endif

#if defined(__arm__) && defined(__ARM_FP)

void one_float() {
    mark_begin();
    __asm__ volatile("vldr s0, [sp]\n vldr d1, [sp]\n vmov r0, r1, d1\n vstr s0, [sp, #-4]"
                     :
                     :
                     : "r0", "r1", "s0", "s2", "s3");
    mark_end();
}

void five_floats() {
    mark_begin();
    __asm__ volatile("vldmia sp, {s0-s4}" : : : "s0", "s1", "s2", "s3", "s4");
    mark_end();
}

void three_floats_down() {
    mark_begin();
    __asm__ volatile("mov r0, sp\n vstmdb r0!, {s0-s2}" : : : "r0");
    mark_end();
}

void doubles_pushed() {
    mark_begin();
    __asm__ volatile("vpush {d0-d2}\n vpop {d0-d2}" : : : "s0", "s1", "s2", "s3", "s4", "s5");
    mark_end();
}

#endif

#ifdef __ARM_FEATURE_MVE

void helium() {
    mark_begin();
    __asm__ volatile("vldrw.u32 q0, [sp]\n vld20.32 {q0, q1}, [sp]\n vld21.32 {q0, q1}, [sp]"
                     :
                     :
                     : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7");
    mark_end();
}

void hardware_loop() {
    mark_begin();
    __asm__ volatile("movs r1, #4\n dls lr, r1\n 1: nop\n le lr, 1b" : : : "r1", "lr");
    mark_end();
}

#endif

struct Known {
    const char* name;
    void (*run)();
};
constexpr Known all[] = {
    {"nothing=0", nothing},
#ifdef __aarch64__
    {"pair=2", pair},
    {"loop=11", loop},
    {"fused=3/4/3/0/0", known_fused},
    {"unfused=11/0/0/12/0", known_unfused},
#else
    {"several_integers=3", several_integers},
    {"conditions=4", conditions},
    {"loop=11", loop},
#endif
#if defined(__arm__) && defined(__ARM_FP)
    {"one_float=4", one_float},
    {"five_floats=5", five_floats},
    {"three_floats_down=4", three_floats_down},
    {"doubles_pushed=6", doubles_pushed},
#endif
#ifdef __ARM_FEATURE_MVE
    {"helium=3", helium},
    {"hardware_loop=10", hardware_loop},
#endif
};

}  // namespace

int main() {
    for (const Known& known : all) {
        known.run();
        std::puts(known.name);
    }
}
