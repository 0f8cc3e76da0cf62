; Types, functions and constants
(struct_item (visibility_modifier)? @public name: (_) @name body: (_)? @body) @decl.struct
(union_item (visibility_modifier)? @public name: (_) @name body: (_)? @body) @decl.struct
(enum_item (visibility_modifier)? @public name: (_) @name body: (_) @body) @decl.enum
(enum_variant name: (_) @name body: (_)? @body) @decl.value
(field_declaration (visibility_modifier)? @public name: (_) @name type: (_) @type) @decl.field
(trait_item
  (visibility_modifier)? @public name: (_) @name bounds: (trait_bounds (_)* @base)? body: (_) @body) @decl.interface
(type_item (visibility_modifier)? @public name: (_) @name type: (_) @type) @decl.type
(mod_item (visibility_modifier)? @public name: (_) @name body: (_) @body) @decl.namespace
(impl_item trait: (_)? @trait type: (_) @name body: (_)? @body) @impl
(function_item
  (visibility_modifier)? @public (function_modifiers "async")? @async name: (_) @name
  parameters: (_) @params return_type: (_)? @result body: (_) @body) @decl.function
(function_signature_item
  (visibility_modifier)? @public (function_modifiers "async")? @async name: (_) @name
  parameters: (_) @params return_type: (_)? @result) @decl.function
(const_item (visibility_modifier)? @public name: (_) @name type: (_) @type value: (_)? @default) @decl.const
(static_item (visibility_modifier)? @public name: (_) @name type: (_) @type value: (_)? @default) @decl.const
(closure_expression) @scope
(async_block) @scope

(parameter pattern: (_) @name type: (_) @type) @part.param
(self_parameter (self) @name) @part.param

; Names that are used from elsewhere
(use_declaration argument: (_) @tree) @import.tree
(extern_crate_declaration name: (_) @path alias: (_)? @alias) @import

; Attributes and macros
(attribute_item (attribute [(identifier) (scoped_identifier)] @name arguments: (token_tree)? @tokens)) @decorator
(macro_invocation
  macro: (scoped_identifier path: (_) @receiver name: (_) @name) (token_tree) @tokens) @call
(macro_invocation macro: (identifier) @name (token_tree) @tokens) @call

; Calls
(call_expression function: (field_expression value: (_) @receiver field: (_) @name) arguments: (_) @args) @call
(call_expression
  function: (generic_function function: (field_expression value: (_) @receiver field: (_) @name))
  arguments: (_) @args) @call
(call_expression function: (scoped_identifier path: (_) @receiver name: (_) @name) arguments: (_) @args) @call
(call_expression
  function: (generic_function function: (scoped_identifier path: (_) @receiver name: (_) @name))
  arguments: (_) @args) @call
(call_expression function: (generic_function function: (identifier) @name) arguments: (_) @args) @call
(call_expression function: (_) @name arguments: (_) @args) @call
(await_expression (call_expression) @awaited) @await
(closure_expression body: (_) @body) @part.arg

; Members
(field_expression value: (_) @receiver field: (_) @name) @access
(scoped_identifier path: (_) @receiver name: (_) @name) @access.scoped
(index_expression . (_) @receiver (string_literal) @key .) @access
(call_expression
  function: (field_expression value: (_) @receiver field: (_) @method)
  arguments: (arguments . (string_literal) @key)
  (#any-of? @method "get" "get_mut" "contains_key" "remove" "pointer")) @access.path
(token_tree) @tokens
(assignment_expression left: (_) @written) @write
(compound_assignment_expr left: (_) @written) @write

; Values
(struct_expression name: (_) @type body: (_) @items) @object
(field_initializer field: (_) @name value: (_) @value) @part.key
(shorthand_field_initializer (identifier) @name) @part.key
(base_field_initializer) @part.spread
(macro_invocation
  macro: [(identifier) (scoped_identifier)] @maker (token_tree (token_tree) @tokens)
  (#any-of? @maker "json" "serde_json::json")) @object.tokens
(let_declaration pattern: (_) @name type: (_)? @type value: (_) @value) @given
(assignment_expression left: (_) @name right: (_) @value) @given
(const_item name: (_) @name type: (_) @type value: (_) @value) @given
(return_expression (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(reference_expression value: (_) @value) @wrap
(try_expression (_) @value) @wrap
(await_expression (_) @value) @wrap
(string_literal) @string
(raw_string_literal) @string
(line_comment) @comment
(block_comment) @comment

; Errors
(if_expression
  condition: (let_condition pattern: (tuple_struct_pattern type: (_) @kind (_)? @name .) value: (_) @try)
  consequence: (_) @body
  (#eq? @kind "Err")) @catch.check
(match_arm
  pattern: (match_pattern (tuple_struct_pattern type: (_) @kind (_)? @name .))
  value: (_) @body
  (#eq? @kind "Err")) @catch.arm
(let_declaration pattern: "_" value: [(call_expression) (await_expression)] @try) @catch.discard
(expression_statement
  (call_expression function: (field_expression value: (_) @try field: (_) @method))
  (#eq? @method "ok")) @catch.discard
(call_expression
  function: (field_expression value: [(call_expression) (await_expression)] @try field: (_) @method)
  (#eq? @method "unwrap_or_default")) @catch.discard
(return_expression (_)? @value) @return
(call_expression function: (identifier) @function (#eq? @function "Err")) @throw
(try_expression) @throw
(macro_invocation macro: (identifier) @macro (#any-of? @macro "panic" "bail" "unreachable" "todo" "unimplemented")) @throw
