// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What Swift cannot spell of an IAA device: the kernel's structures, and the instructions that
// submit and wait. No logic. Empty but on Linux.
//
// Each instruction is a function of its own, compiled for a processor that has it: the caller asks
// CPUID first, and a test disassembles them. Callers must not run what CPUID does not show; where
// there is no CPUID, it shows nothing.

#ifndef CIAA_DEVICE_H
#define CIAA_DEVICE_H

#if defined(__linux__)

#include <linux/idxd.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

// Functions of the C library that its headers keep to _GNU_SOURCE.
int sched_getcpu(void);
int sem_clockwait(
    sem_t *_Nonnull semaphore, clockid_t clock, const struct timespec *_Nonnull time);
ssize_t process_vm_readv(
    pid_t process, const struct iovec *_Nonnull local, unsigned long local_count,
    const struct iovec *_Nonnull remote, unsigned long remote_count, unsigned long flags);
ssize_t process_vm_writev(
    pid_t process, const struct iovec *_Nonnull local, unsigned long local_count,
    const struct iovec *_Nonnull remote, unsigned long remote_count, unsigned long flags);

// The layouts that the device reads and writes. A kernel header that differs must not compile.
_Static_assert(sizeof(struct iax_hw_desc) == 64, "descriptor size");
_Static_assert(offsetof(struct iax_hw_desc, completion_addr) == 8, "completion address");
_Static_assert(offsetof(struct iax_hw_desc, src1_addr) == 16, "source 1 address");
_Static_assert(offsetof(struct iax_hw_desc, dst_addr) == 24, "destination address");
_Static_assert(offsetof(struct iax_hw_desc, src1_size) == 32, "source 1 size");
_Static_assert(offsetof(struct iax_hw_desc, int_handle) == 36, "interrupt handle");
_Static_assert(offsetof(struct iax_hw_desc, compr_flags) == 38, "compression flags");
_Static_assert(offsetof(struct iax_hw_desc, src2_addr) == 40, "source 2 address");
_Static_assert(offsetof(struct iax_hw_desc, max_dst_size) == 48, "destination size");
_Static_assert(offsetof(struct iax_hw_desc, src2_size) == 52, "source 2 size");
_Static_assert(offsetof(struct iax_hw_desc, filter_flags) == 56, "filter flags");
_Static_assert(offsetof(struct iax_hw_desc, num_inputs) == 60, "number of inputs");

_Static_assert(sizeof(struct iax_completion_record) == 64, "completion record size");
_Static_assert(offsetof(struct iax_completion_record, status) == 0, "status");
_Static_assert(offsetof(struct iax_completion_record, error_code) == 1, "error code");
_Static_assert(offsetof(struct iax_completion_record, bytes_completed) == 4, "bytes completed");
_Static_assert(offsetof(struct iax_completion_record, fault_addr) == 8, "fault address");
_Static_assert(offsetof(struct iax_completion_record, invalid_flags) == 16, "invalid flags");
_Static_assert(offsetof(struct iax_completion_record, output_size) == 24, "output size");
_Static_assert(offsetof(struct iax_completion_record, output_bits) == 28, "output bits");
_Static_assert(offsetof(struct iax_completion_record, xor_csum) == 30, "xor checksum");
_Static_assert(offsetof(struct iax_completion_record, crc) == 32, "crc");
_Static_assert(offsetof(struct iax_completion_record, min) == 36, "min");

/// What CPUID returns for a leaf and a subleaf.
struct ciaa_cpuid {
  uint32_t eax, ebx, ecx, edx;
};

#if defined(__x86_64__)
static inline struct ciaa_cpuid ciaa_cpuid(uint32_t leaf, uint32_t subleaf) {
  struct ciaa_cpuid r;
  __asm__ volatile("cpuid"
                   : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                   : "a"(leaf), "c"(subleaf));
  return r;
}

/// Writes 64 bytes to a dedicated queue's portal in one store. CPUID.7:ECX[28].
__attribute__((target("movdir64b"))) static inline void ciaa_movdir64b(
    void *_Nonnull portal, const void *_Nonnull descriptor) {
  __builtin_ia32_movdir64b(portal, descriptor);
}

/// Writes 64 bytes to a shared queue's portal; 1 when the queue was full (ZF). CPUID.7:ECX[29].
__attribute__((target("enqcmd"))) static inline uint8_t ciaa_enqcmd(
    void *_Nonnull portal, const void *_Nonnull descriptor) {
  return __builtin_ia32_enqcmd(portal, descriptor);
}

/// Arms the monitor on the line that holds `address`. CPUID.7:ECX[5].
__attribute__((target("waitpkg"))) static inline void ciaa_umonitor(const void *_Nonnull address) {
  __builtin_ia32_umonitor((void *)address);
}

/// Sleeps until the monitored line is written or the time stamp counter reaches `deadline`; 1 when
/// the system's own limit came first (CF). CPUID.7:ECX[5].
__attribute__((target("waitpkg"))) static inline uint8_t ciaa_umwait(
    uint32_t control, uint64_t deadline) {
  return __builtin_ia32_umwait(control, (uint32_t)(deadline >> 32), (uint32_t)deadline);
}

/// Orders earlier stores before a submission.
static inline void ciaa_sfence(void) { __builtin_ia32_sfence(); }

/// Tells the processor that this is a spin loop.
static inline void ciaa_pause(void) { __builtin_ia32_pause(); }

/// The time stamp counter.
static inline uint64_t ciaa_rdtsc(void) { return __builtin_ia32_rdtsc(); }

#else
// No device and none of its instructions; device models, and the software, work all the same.
static inline struct ciaa_cpuid ciaa_cpuid(uint32_t leaf, uint32_t subleaf) {
  (void)leaf, (void)subleaf;
  return (struct ciaa_cpuid){0, 0, 0, 0};
}
static inline void ciaa_movdir64b(void *_Nonnull portal, const void *_Nonnull descriptor) {
  (void)portal, (void)descriptor;
  __builtin_trap();
}
static inline uint8_t ciaa_enqcmd(void *_Nonnull portal, const void *_Nonnull descriptor) {
  (void)portal, (void)descriptor;
  __builtin_trap();
}
static inline void ciaa_umonitor(const void *_Nonnull address) {
  (void)address;
  __builtin_trap();
}
static inline uint8_t ciaa_umwait(uint32_t control, uint64_t deadline) {
  (void)control, (void)deadline;
  __builtin_trap();
}
static inline void ciaa_sfence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void ciaa_pause(void) {
#if defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}
static inline uint64_t ciaa_rdtsc(void) { return 0; }
#endif

#endif
#endif
