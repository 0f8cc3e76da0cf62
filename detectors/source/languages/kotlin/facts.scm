; Modules
(package_header (identifier) @name) @package
(import_header (identifier) @path (wildcard_import)? @all (import_alias (_) @alias)?) @import.qualified

; Types and members
(class_declaration
  "interface" (type_identifier) @name
  (delegation_specifier (user_type) @base)*
  (class_body)? @body) @decl.interface
(class_declaration
  "enum" (type_identifier) @name (primary_constructor)? @params
  (delegation_specifier [(user_type) @base (constructor_invocation (user_type) @base)])*
  (enum_class_body)? @body) @decl.enum
(class_declaration
  (type_identifier) @name (primary_constructor)? @params
  (delegation_specifier [
    (user_type) @base (constructor_invocation (user_type) @base) (explicit_delegation (user_type) @base)])*
  (class_body)? @body) @decl.class
(object_declaration
  (type_identifier) @name
  (delegation_specifier [(user_type) @base (constructor_invocation (user_type) @base)])*
  (class_body)? @body) @decl.class
(companion_object (type_identifier)? @name (class_body)? @body) @decl.companion
(enum_entry (simple_identifier) @name (value_arguments)? @default) @decl.value
(class_parameter
  (binding_pattern_kind) (simple_identifier) @name ":"? . (_)? @type "="? . (_)? @default) @decl.field
(property_declaration
  (variable_declaration (simple_identifier) @name ":"? . (_)? @type) "="? . (_)? @default) @decl.variable
(function_declaration
  [(user_type) (nullable_type) (parenthesized_type)] @receiver . "." . (simple_identifier) @name
  (function_value_parameters) @params ":"? . (_)? @result (function_body)? @body) @decl.function
(function_declaration
  (simple_identifier) @name (function_value_parameters) @params ":"? . (_)? @result (function_body)? @body) @decl.function
(secondary_constructor (function_value_parameters) @params (statements)? @body) @decl.constructor
(type_alias (type_identifier) @name "=" . (_) @type) @decl.type
(lambda_literal) @scope
(anonymous_function) @scope
(object_literal) @scope

(class_parameter (simple_identifier) @name ":"? . (_)? @type "="? . (_)? @default) @part.param
(parameter (simple_identifier) @name ":"? . (_)? @type) @part.param
(parameter_modifiers) @part.skip

; Calls: a lambda behind the parentheses is one more argument
(call_expression . (call_expression) @inner . (call_suffix . (annotated_lambda) @lambda)) @trailing
(call_expression
  . (navigation_expression . (_) @receiver (navigation_suffix (simple_identifier) @name))
  . (call_suffix (value_arguments)? @args (annotated_lambda)? @lambda)) @call
(call_expression
  . (simple_identifier) @name
  . (call_suffix (value_arguments)? @args (annotated_lambda)? @lambda)) @call
(annotation (constructor_invocation (user_type (type_identifier) @name) (value_arguments) @args)) @decorator
(annotation (user_type (type_identifier) @name)) @decorator
(value_argument . (simple_identifier) @keyword . "=" . (_) @value) @part.arg
(value_argument . (_) @value) @part.arg
(annotated_lambda (lambda_literal) @body) @part.arg
(lambda_literal) @body @part.arg
(anonymous_function (function_body) @body) @part.arg

; Members
(navigation_expression . (_) @receiver (navigation_suffix (simple_identifier) @name)) @access
(indexing_expression . (_) @receiver (indexing_suffix . (string_literal) @key)) @access
(directly_assignable_expression . (_) @receiver (navigation_suffix (simple_identifier) @name) @written) @access.put
(directly_assignable_expression . (_) @receiver (indexing_suffix . (string_literal) @key) @written) @access.put
(call_expression
  . (navigation_expression . (_) @receiver (navigation_suffix (simple_identifier) @method))
  . (call_suffix (value_arguments . (value_argument . (string_literal) @key)))
  (#any-of? @method
    "get" "path" "has" "hasNonNull" "getOrDefault" "getValue" "containsKey" "remove" "opt" "required" "findValue" "findPath"
    "getString" "getInt" "getLong" "getDouble" "getBoolean" "getInteger" "getJSONObject" "getJSONArray" "getJsonObject"
    "getJsonArray" "optString" "optInt" "optLong" "optDouble" "optBoolean" "optJSONObject" "optJSONArray" "getAsJsonObject"
    "getAsJsonArray" "getAsJsonPrimitive" "isNull" "withArray" "getBigDecimal")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.get
(call_expression
  . (navigation_expression . (_) @receiver (navigation_suffix (simple_identifier) @method))
  . (call_suffix (value_arguments . (value_argument . (string_literal) @key) . (value_argument))) @written
  (#any-of? @method "put" "set" "add" "addProperty" "putIfAbsent" "accumulate" "putPOJO" "putObject" "putArray")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.put

; Values
(call_expression
  . (simple_identifier) @maker
  . (call_suffix (value_arguments) @items)
  (#any-of? @maker "mapOf" "mutableMapOf" "hashMapOf" "linkedMapOf" "sortedMapOf" "persistentMapOf")) @object
(value_argument . (infix_expression . (_) @name . (simple_identifier) . (_) @value)) @part.key
(value_argument . (call_expression . (simple_identifier) @maker
  (call_suffix (value_arguments . (value_argument . (_) @name) . (value_argument . (_) @value))))
  (#any-of? @maker "Pair")) @part.key
(property_declaration (variable_declaration (simple_identifier) @name ":"? . (_)? @type) "=" . (_) @value) @given
(assignment . (_) @name "=" . (_) @value) @given
(jump_expression "return" . (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(string_literal [(interpolated_identifier) (interpolated_expression)]? @interpolated) @string
(line_comment) @comment
(multiline_comment) @comment

; Errors
(catch_block (simple_identifier) @name [(user_type) (nullable_type)] @type (statements)? @body) @catch.except
(jump_expression "throw" . (_) @value) @throw
(jump_expression "return" . (_)? @value) @return
