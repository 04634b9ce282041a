// A translation unit of its own, so that the layouts of clinux_snp.h are asserted where they are declared.
#include "clinux.h"

_Static_assert(KVM_ENABLE_CAP == SKERRY_KVM_IOW(0xA3, sizeof(struct skerry_enable_capability)), "KVM_ENABLE_CAP");
_Static_assert(KVM_HAS_DEVICE_ATTR == SKERRY_KVM_IOW(0xE3, sizeof(struct skerry_device_attribute)), "KVM_HAS_DEVICE_ATTR");
_Static_assert(sizeof(struct skerry_enable_capability) == sizeof(struct kvm_enable_cap), "kvm_enable_cap");
_Static_assert(sizeof(struct skerry_device_attribute) == sizeof(struct kvm_device_attr), "kvm_device_attr");
