#!/bin/sh
# Says which clang here has relaxed SIMD as engines have it (16 and later); nothing where there is none.
for c in ${CLANG:-clang} clang-19 clang-18 clang-17 clang-16; do
    command -v "$c" > /dev/null || continue
    printf '%s\n' '#if !__has_builtin(__builtin_wasm_relaxed_madd_f32x4)' '#error no' '#endif' 'int main(void) { return 0; }' |
        "$c" --target=wasm32-wasi -msimd128 -mrelaxed-simd -x c - -o /dev/null 2> /dev/null && { echo "$c"; exit 0; }
done
exit 0
