//! What this backend says of itself: seldom, and never what it carries.
