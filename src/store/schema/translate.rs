//! Reads values by the names and types of a schema: a serde deserializer over bincode's standard encoding.

use super::{Dropped, Layout, Translation, Type};
use crate::store::record::Undecodable;
use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use std::cell::{Cell, RefCell};

/// What is read under another schema: bincode's standard encoding, by the stored types.
pub(super) struct Input<'a, 'de> {
    pub(super) translation: &'a Translation,
    pub(super) rest: Cell<&'de [u8]>,
    pub(super) dropped: RefCell<&'a mut Dropped>,
}

impl<'a, 'de> Input<'a, 'de> {
    fn take(&self, length: usize) -> Result<&'de [u8], Undecodable> {
        let rest = self.rest.get();
        let (taken, left) =
            rest.split_at_checked(length).ok_or_else(|| <Undecodable as de::Error>::custom("it ends prematurely"))?;
        self.rest.set(left);
        Ok(taken)
    }

    fn byte(&self) -> Result<u8, Undecodable> {
        Ok(self.take(1)?[0])
    }

    /// A whole number: one byte up to 250; larger ones after a byte that tells their size.
    fn number(&self) -> Result<u64, Undecodable> {
        let bytes = match self.byte()? {
            251 => 2,
            252 => 4,
            253 => 8,
            254.. => return Err(de::Error::custom("a number is too long")),
            small => return Ok(small.into()),
        };
        let mut number = [0; 8];
        number[..bytes].copy_from_slice(self.take(bytes)?);
        Ok(u64::from_le_bytes(number))
    }

    /// A number with a sign, which is its last bit.
    fn signed(&self) -> Result<i64, Undecodable> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn text(&self) -> Result<&'de str, Undecodable> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| de::Error::custom("a text is not UTF-8"))
    }

    fn bytes(&self) -> Result<&'de [u8], Undecodable> {
        let length = self.number()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn layout(&self, at: usize) -> &'a (String, Layout<usize>) {
        &self.translation.types[at]
    }

    fn skip(&self, of: &Type<usize>) -> Result<(), Undecodable> {
        match of {
            Type::Unit => Ok(()),
            Type::Bool | Type::I8 | Type::U8 => self.take(1).map(drop),
            Type::I16 | Type::I32 | Type::I64 | Type::U16 | Type::U32 | Type::U64 => self.number().map(drop),
            Type::F32 => self.take(4).map(drop),
            Type::F64 => self.take(8).map(drop),
            Type::Str | Type::Bytes => self.bytes().map(drop),
            Type::Option(inner) => {
                if self.byte()? == 0 {
                    Ok(())
                } else {
                    self.skip(inner)
                }
            }
            Type::Seq(inner) => {
                let length = self.number()?;
                (0..length).try_for_each(|_| self.skip(inner))
            }
            Type::Map(key, value) => {
                let length = self.number()?;
                (0..length).try_for_each(|_| self.skip(key).and_then(|()| self.skip(value)))
            }
            Type::Tuple(inner) => inner.iter().try_for_each(|of| self.skip(of)),
            Type::Array(inner, length) => (0..*length).try_for_each(|_| self.skip(inner)),
            Type::Of(at) => self.skip_layout(&self.layout(*at).1),
        }
    }

    fn skip_layout(&self, layout: &Layout<usize>) -> Result<(), Undecodable> {
        match layout {
            Layout::Unit => Ok(()),
            Layout::Newtype(of) => self.skip(of),
            Layout::Tuple(inner) => inner.iter().try_for_each(|of| self.skip(of)),
            Layout::Struct(fields) => fields.iter().try_for_each(|(_, of)| self.skip(of)),
            Layout::Enum(variants) => self.skip_layout(&self.variant(variants)?.1),
        }
    }

    fn variant<'v>(&self, variants: &'v [(String, Layout<usize>)]) -> Result<&'v (String, Layout<usize>), Undecodable> {
        let number = usize::try_from(self.number()?).ok();
        number
            .and_then(|number| variants.get(number))
            .ok_or_else(|| <Undecodable as de::Error>::custom("a value is none of its type"))
    }
}

/// A value at the current place of the input.
#[derive(Clone, Copy)]
pub(super) struct At<'a, 'i, 'de> {
    pub(super) input: &'i Input<'a, 'de>,
    pub(super) of: &'i Type<usize>,
    /// The field that it is of, and its struct.
    pub(super) field: Option<(&'i str, &'i str)>,
}

impl<'i, 'de> At<'_, 'i, 'de> {
    fn inner(self, of: &'i Type<usize>) -> Self {
        At { of, field: None, ..self }
    }

    /// The value inside of types that only give another one a name.
    fn stripped(mut self) -> Self
    where
        Self: Sized,
    {
        while let Type::Of(at) = self.of {
            let Layout::Newtype(inner) = &self.input.translation.types[*at].1 else { break };
            self.of = inner;
        }
        self
    }

    fn values<V: Visitor<'de>>(self, values: Values<'i>, visitor: V) -> Result<V::Value, Undecodable> {
        visitor.visit_seq(Sequence { at: self, values })
    }

    fn layout<V: Visitor<'de>>(
        self,
        name: &'i str,
        layout: &'i Layout<usize>,
        as_list: bool,
        visitor: V,
    ) -> Result<V::Value, Undecodable> {
        match layout {
            Layout::Unit => visitor.visit_unit(),
            Layout::Newtype(inner) => self.inner(inner).deserialize_any(visitor),
            Layout::Tuple(inner) => self.values(Values::Each(inner), visitor),
            Layout::Struct(fields) if as_list => self.values(Values::Fields(fields), visitor),
            Layout::Struct(fields) => visitor.visit_map(Fields { at: self, name, fields, value: None }),
            Layout::Enum(variants) => {
                let (variant, layout) = self.input.variant(variants)?;
                visitor.visit_enum(Variant { at: self, variant, layout })
            }
        }
    }

    fn any<V: Visitor<'de>>(self, as_list: bool, visitor: V) -> Result<V::Value, Undecodable> {
        let input = self.input;
        match self.of {
            Type::Unit => visitor.visit_unit(),
            Type::Bool => visitor.visit_bool(input.byte()? != 0),
            Type::I8 => visitor.visit_i8(input.byte()? as i8),
            Type::U8 => visitor.visit_u8(input.byte()?),
            Type::I16 | Type::I32 | Type::I64 => visitor.visit_i64(input.signed()?),
            Type::U16 | Type::U32 | Type::U64 => visitor.visit_u64(input.number()?),
            Type::F32 => visitor.visit_f32(f32::from_le_bytes(input.take(4)?.try_into().unwrap_or_default())),
            Type::F64 => visitor.visit_f64(f64::from_le_bytes(input.take(8)?.try_into().unwrap_or_default())),
            Type::Str => visitor.visit_borrowed_str(input.text()?),
            Type::Bytes => visitor.visit_borrowed_bytes(input.bytes()?),
            Type::Option(inner) if input.byte()? != 0 => self.inner(inner).any(as_list, visitor),
            Type::Option(_) => visitor.visit_none(),
            Type::Seq(inner) => {
                let length = input.number()?;
                self.values(Values::Same(inner, length), visitor)
            }
            Type::Map(key, value) => {
                let length = input.number()?;
                visitor.visit_map(Pairs { at: self, key, value, length })
            }
            Type::Tuple(inner) => self.values(Values::Each(inner), visitor),
            Type::Array(inner, length) => self.values(Values::Same(inner, *length as u64), visitor),
            Type::Of(at) => {
                let (name, layout) = &self.input.translation.types[*at];
                self.layout(name, layout, as_list, visitor)
            }
        }
    }
}

impl<'de> Deserializer<'de> for At<'_, '_, 'de> {
    type Error = Undecodable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(false, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        let at = self.stripped();
        match at.of {
            Type::Option(inner) if at.input.byte()? != 0 => visitor.visit_some(at.inner(inner)),
            Type::Option(_) => visitor.visit_none(),
            // It could not be empty when it was stored.
            _ => visitor.visit_some(at),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Undecodable> {
        match self.of {
            Type::Of(at) => match &self.input.translation.types[*at].1 {
                Layout::Newtype(inner) => visitor.visit_newtype_struct(self.inner(inner)),
                _ => visitor.visit_newtype_struct(self),
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(false, visitor)
    }

    /// A struct with named fields may have been made a tuple.
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(true, visitor)
    }

    /// A value that this version does not want.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        let is_empty = matches!(self.of, Type::Of(at) if self.input.translation.types[*at].1 == Layout::Unit);
        if let Some((name, field)) = self.field.filter(|_| !is_empty) {
            if !self.input.translation.retired.contains(&(name, field)) {
                return Err(Undecodable::Unknown(format!("`{name}.{field}`")));
            }
            *self.input.dropped.borrow_mut().entry((name.to_owned(), field.to_owned())).or_default() += 1;
        }
        self.input.skip(self.of)?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct
        map struct enum identifier
    }
}

/// The types of the values of a list.
enum Values<'i> {
    Same(&'i Type<usize>, u64),
    Each(&'i [Type<usize>]),
    Fields(&'i [(String, Type<usize>)]),
}

struct Sequence<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    values: Values<'i>,
}

impl<'de> SeqAccess<'de> for Sequence<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Undecodable> {
        let next = match &mut self.values {
            Values::Same(of, length) if *length > 0 => {
                *length -= 1;
                Some(*of)
            }
            Values::Same(..) => None,
            Values::Each(rest) => rest.split_off_first(),
            Values::Fields(rest) => rest.split_off_first().map(|(_, of)| of),
        };
        next.map(|of| seed.deserialize(self.at.inner(of))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        // A damaged length must not reserve memory: each value but an empty one takes a byte.
        let Values::Same(_, length) = self.values else { return None };
        Some(usize::try_from(length).unwrap_or(usize::MAX).min(self.at.input.rest.get().len()))
    }
}

struct Fields<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    name: &'i str,
    fields: &'i [(String, Type<usize>)],
    value: Option<&'i (String, Type<usize>)>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Undecodable> {
        self.value = self.fields.split_off_first();
        let key =
            self.value.map(|(name, _)| seed.deserialize(IntoDeserializer::<Undecodable>::into_deserializer(name.as_str())));
        key.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Undecodable> {
        let (name, of) = self.value.take().ok_or_else(|| <Undecodable as de::Error>::custom("a value without its name"))?;
        seed.deserialize(At { field: Some((self.name, name)), ..self.at.inner(of) })
    }
}

struct Pairs<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    key: &'i Type<usize>,
    value: &'i Type<usize>,
    length: u64,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Undecodable> {
        if self.length == 0 {
            return Ok(None);
        }
        self.length -= 1;
        seed.deserialize(self.at.inner(self.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Undecodable> {
        seed.deserialize(self.at.inner(self.value))
    }
}

struct Variant<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    variant: &'i str,
    layout: &'i Layout<usize>,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Undecodable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Undecodable> {
        let name = seed.deserialize(IntoDeserializer::<Undecodable>::into_deserializer(self.variant))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Undecodable;

    fn unit_variant(self) -> Result<(), Undecodable> {
        match self.layout {
            Layout::Unit => Ok(()),
            _ => Err(de::Error::custom(format!("{} has no values in this version", self.variant))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Undecodable> {
        match self.layout {
            Layout::Newtype(inner) => seed.deserialize(self.at.inner(inner)),
            _ => Err(de::Error::custom(format!("{} has one value in this version", self.variant))),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Undecodable> {
        self.at.layout(self.variant, self.layout, true, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Undecodable> {
        self.at.layout(self.variant, self.layout, false, visitor)
    }
}
