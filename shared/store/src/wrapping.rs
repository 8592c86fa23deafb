//! Wrappers over a store, for tests: what every call goes through on its way.

use std::sync::Arc;

use crate::{Error, Store};

/// A call on its way to the store that is wrapped.
pub(crate) struct Call {
    pub(crate) store: Arc<dyn Store>,
    /// Whether the caller gets an error although the call took effect.
    pub(crate) answer_is_lost: bool,
}

impl Call {
    pub(crate) fn finish<T>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        match answer {
            Ok(_) if self.answer_is_lost => Err(Error::OnCommand),
            answer => answer,
        }
    }
}

/// Implements `Store` for a type with a method `enter(&self, name) -> Result<Call, Error>`.
macro_rules! by_wrapping {
    ($type:ty; $( $name:ident($($argument:ident : $kind:ty),*) -> $gives:ty; )*) => {
        #[async_trait]
        impl Store for $type {
            $(
                async fn $name(&self, $($argument: $kind),*) -> Result<$gives, Error> {
                    let call = self.enter(stringify!($name)).await?;
                    let answer = call.store.$name($($argument),*).await;
                    call.finish(answer)
                }
            )*
        }
    };
}

pub(crate) use by_wrapping;
