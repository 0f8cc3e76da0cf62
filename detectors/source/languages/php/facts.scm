; Namespaces, classes and functions
(namespace_definition name: (_) @name) @package
(class_declaration
  name: (_) @name
  (base_clause (_)* @base)?
  (class_interface_clause (_)* @base)?
  body: (declaration_list (use_declaration (_)* @base)*) @body) @decl.class
(trait_declaration name: (_) @name body: (declaration_list (use_declaration (_)* @base)*) @body) @decl.class
(interface_declaration name: (_) @name (base_clause (_)* @base)? body: (_) @body) @decl.interface
(enum_declaration name: (_) @name (class_interface_clause (_)* @base)? body: (_) @body) @decl.enum
(enum_case name: (_) @name value: (_)? @default) @decl.value
(function_definition
  name: (_) @name parameters: (_) @params return_type: (_)? @result body: (_) @body) @decl.function
(method_declaration
  (visibility_modifier)? @access
  name: (_) @name parameters: (_) @params return_type: (_)? @result body: (_)? @body) @decl.method
(property_declaration
  (visibility_modifier)? @access type: (_)? @type
  (property_element (variable_name (name) @name) (property_initializer (_) @default)?)) @decl.field
(property_promotion_parameter
  visibility: (_) @access type: (_)? @type
  name: (variable_name (name) @name) default_value: (_)? @default) @decl.property
(const_declaration (visibility_modifier)? @access (const_element . (name) @name (_) @default .)) @decl.const
(assignment_expression left: (variable_name) @name right: (_) @default) @decl.variable
(anonymous_function_creation_expression) @scope
(arrow_function) @scope

(simple_parameter type: (_)? @type name: (_) @name default_value: (_)? @default) @part.param
(variadic_parameter type: (_)? @type name: (_) @name @variadic) @part.param
(property_promotion_parameter type: (_)? @type name: (_) @name default_value: (_)? @default) @part.param

; Names that are used from elsewhere
(namespace_use_clause [(qualified_name) (name)] @path (namespace_aliasing_clause (name) @alias)?) @import.used
(namespace_use_group_clause (namespace_name) @path (namespace_aliasing_clause (name) @alias)?) @import.used
(require_expression [(string) @path (encapsed_string) @path (binary_expression right: (string) @path)]) @import
(require_once_expression [(string) @path (encapsed_string) @path (binary_expression right: (string) @path)]) @import
(include_expression [(string) @path (encapsed_string) @path (binary_expression right: (string) @path)]) @import
(include_once_expression [(string) @path (encapsed_string) @path (binary_expression right: (string) @path)]) @import

; Calls
(member_call_expression object: (_) @receiver name: (_) @name arguments: (_) @args) @call
(nullsafe_member_call_expression object: (_) @receiver name: (_) @name arguments: (_) @args) @call
(scoped_call_expression scope: (_) @receiver name: (_) @name arguments: (_) @args) @call
(function_call_expression function: (_) @name arguments: (_) @args) @call
(object_creation_expression [(name) (qualified_name)] @name (arguments)? @args) @call.new
(attribute [(name) (qualified_name)] @name parameters: (_)? @args) @decorator
(argument name: (_) @keyword (_) @value .) @part.arg
(argument (anonymous_function_creation_expression body: (_) @body)) @part.arg
(argument (arrow_function body: (_) @body)) @part.arg
(argument . (_) @value .) @part.arg

; Members
(member_access_expression object: (_) @receiver name: (name) @name) @access
(nullsafe_member_access_expression object: (_) @receiver name: (name) @name) @access
(scoped_property_access_expression scope: (_) @receiver name: (variable_name (name) @name)) @access
(class_constant_access_expression . (_) @receiver (name) @name .) @access
(subscript_expression . (_) @receiver [(string) (encapsed_string)] @key .) @access
(function_call_expression
  function: (name) @method
  arguments: (arguments . (argument (_) @receiver) (argument (string) @path))
  (#any-of? @method "data_get" "array_get" "data_set")) @access.path
(scoped_call_expression
  scope: (name) @class name: (name) @method
  arguments: (arguments . (argument (_) @receiver) (argument (string) @path))
  (#eq? @class "Arr") (#any-of? @method "get" "has" "pull")) @access.path
(member_call_expression
  object: (_) @receiver name: (name) @method
  arguments: (arguments . (argument (string) @path))
  (#any-of? @method "json" "input" "assertJsonPath")) @access.path
(assignment_expression left: (_) @written) @write
(augmented_assignment_expression left: (_) @written) @write
(unset_statement (_) @written) @write

; Values
(array_creation_expression (array_element_initializer "=>")) @object
(array_element_initializer . [(string) (encapsed_string)] @name "=>" (_) @value .) @part.key
(array_element_initializer (variadic_unpacking)) @part.spread
(assignment_expression left: (_) @name right: (_) @value) @given
(property_element (variable_name (name) @name) (property_initializer (_) @value)) @given
(return_statement (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(string) @string
(encapsed_string [
  (variable_name) (member_access_expression) (nullsafe_member_access_expression) (subscript_expression)
  (dynamic_variable_name) (member_call_expression) (scoped_call_expression) (function_call_expression)
  (scoped_property_access_expression)
]? @interpolated) @string
(heredoc_body [(variable_name) (member_access_expression) (subscript_expression)]? @interpolated) @raw
(nowdoc_body) @raw
(comment) @comment

; Errors
(catch_clause type: (type_list (_)* @type) name: (_)? @name body: (_) @body) @catch.except
(error_suppression_expression (_) @try) @catch.discard
(throw_expression) @throw
(function_call_expression function: (name) @function (#any-of? @function "abort" "throw_if" "throw_unless")) @throw
(return_statement (_)? @value) @return
