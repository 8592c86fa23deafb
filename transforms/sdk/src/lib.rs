//! What a module in Rust needs: the contract, columns, rejects.
