use tricycle::Trace;

union Bits {
    float: f32,
    int: u32,
}

#[derive(Trace)]
struct Holder {
    #[trace(skip)]
    bits: Bits,
}

#[derive(Trace)]
#[trace(acyclic)]
union Acyclic {
    float: f32,
    int: u32,
}
