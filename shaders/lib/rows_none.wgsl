// rows_none: what stands in the fused loss where no active method has a row functional (src/methods/compose_rows.ts).

fn rows_measure(row: u32, top: f32, log_total: f32) {}
fn rows_total(row: u32, top: f32, log_total: f32) {}
fn rows_gradient(plain: f32, by: f32, logit: f32, v: u32, log_p: f32) -> f32 { return plain; }
