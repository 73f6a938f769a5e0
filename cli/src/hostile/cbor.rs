//! CBOR, in which CloudWatch answers: copied item by item, so that whole numbers, others and times stay what they are.

use aws_smithy_cbor::Encoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::{Decoder, DeserializeError};

/// What becomes of a text, by the member that holds it; nothing, where it stays.
pub type Change = dyn Fn(&str, &str) -> Option<String>;

/// A reply with other texts.
pub fn changed(body: &[u8], change: &Change) -> Result<Vec<u8>, DeserializeError> {
    let (mut decoder, mut encoder) = (Decoder::new(body), Encoder::new(Vec::new()));
    item(&mut decoder, &mut encoder, "", change)?;
    Ok(encoder.into_writer())
}

fn item(
    decoder: &mut Decoder<'_>,
    encoder: &mut Encoder,
    member: &str,
    change: &Change,
) -> Result<(), DeserializeError> {
    match decoder.datatype()? {
        Type::String => {
            let text = decoder.str()?.into_owned();
            encoder.str(&change(member, &text).unwrap_or(text));
        }
        Type::Map => {
            let length = known(decoder.map()?, decoder)?;
            encoder.map(length);
            for _ in 0..length {
                let name = decoder.str()?.into_owned();
                encoder.str(&name);
                item(decoder, encoder, &name, change)?;
            }
        }
        Type::Array => {
            let length = known(decoder.list()?, decoder)?;
            encoder.array(length);
            for _ in 0..length {
                item(decoder, encoder, member, change)?;
            }
        }
        Type::Bool => {
            encoder.boolean(decoder.boolean()?);
        }
        Type::Null => {
            decoder.null()?;
            encoder.null();
        }
        Type::F32 => {
            encoder.float(decoder.float()?);
        }
        Type::F64 => {
            encoder.double(decoder.double()?);
        }
        Type::Tag => {
            encoder.timestamp(&decoder.timestamp()?);
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            encoder.long(decoder.long()?);
        }
        other => {
            let why = format!("{other:?} is not used here");
            return Err(DeserializeError::custom(why, decoder.position()));
        }
    }
    Ok(())
}

fn known(length: Option<u64>, decoder: &Decoder<'_>) -> Result<usize, DeserializeError> {
    let length = length.and_then(|length| usize::try_from(length).ok());
    length.ok_or_else(|| DeserializeError::custom("a length that is not said is not used here", decoder.position()))
}
