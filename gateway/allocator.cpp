// What jemalloc is told when the process starts (jemalloc(3), TUNING); the environment's
// MALLOC_CONF goes before it.
//
// A delivery touches some hundred places, scattered over all that the visitors of a shard have.
// With pages of 4 KiB most of them cost a walk through the page tables, and in a virtual machine
// two; huge pages, where the system allows them, make a delivery an eighth cheaper
// (docs/performance.md).
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always";
}
