; Modules
(namespace_declaration name: (_) @name) @package
(file_scoped_namespace_declaration name: (_) @name) @package
(using_directive name: (_) @alias "=" . (_) @path) @import.namespace
(using_directive "static"? @all [(identifier) (qualified_name)] @path !name) @import.namespace

; Types and members
(class_declaration name: (_) @name (parameter_list)? @params (base_list)? @bases body: (_)? @body) @decl.class
(record_declaration name: (_) @name (parameter_list)? @params (base_list)? @bases body: (_)? @body) @decl.class
(record_declaration (parameter_list (parameter)* @each)) @decl.each
(struct_declaration name: (_) @name (parameter_list)? @params (base_list)? @bases body: (_)? @body) @decl.struct
(interface_declaration name: (_) @name (base_list)? @bases body: (_)? @body) @decl.interface
(enum_declaration name: (_) @name body: (_)? @body) @decl.enum
(enum_member_declaration name: (_) @name value: (_)? @default) @decl.value
(property_declaration
  type: (_) @type name: (_) @name accessors: (_)? @body
  value: [(arrow_expression_clause) @body (_) @default]?) @decl.field
(field_declaration (variable_declaration type: (_) @type (variable_declarator)* @each)) @decl.each
(method_declaration
  (modifier "async" @async)? returns: (_) @result name: (_) @name parameters: (_) @params body: (_)? @body) @decl.method
(constructor_declaration name: (_) @name parameters: (_) @params body: (_)? @body) @decl.method
(local_function_statement type: (_) @result name: (_) @name parameters: (_) @params body: (_)? @body) @decl.function
(delegate_declaration type: (_) @type name: (_) @name parameters: (_) @params) @decl.type
(lambda_expression) @scope
(anonymous_method_expression) @scope

(primary_constructor_base_type type: (_) @value) @part.arg
(parameter type: (_) @type name: (_) @name "="? . (_)? @default) @part.param
(variable_declarator name: (_) @name "="? . (_)? @default) @part.param
(attribute_list) @part.skip

; Calls
(invocation_expression
  function: (conditional_access_expression
    condition: (_) @receiver
    (member_binding_expression name: [(identifier) @name (generic_name . (identifier) @name)]))
  arguments: (_) @args) @call
(invocation_expression
  function: (member_access_expression
    expression: (_) @receiver name: [(identifier) @name (generic_name . (identifier) @name)])
  arguments: (_) @args) @call
(invocation_expression
  function: [(identifier) @name (generic_name . (identifier) @name)] arguments: (_) @args) @call
(object_creation_expression
  type: [(identifier) @name (generic_name . (identifier) @name) (qualified_name) @name]
  arguments: (_)? @args) @call.new
(await_expression (invocation_expression) @awaited) @await
(attribute
  name: [(identifier) @name (qualified_name name: (_) @name) (generic_name . (identifier) @name)]
  (attribute_argument_list)? @args) @decorator
(attribute_argument . (assignment_expression left: (_) @keyword right: (_) @value)) @part.arg
(attribute_argument name: (_) @keyword (_) @value) @part.arg
(attribute_argument . (_) @value) @part.arg
(argument name: (_) @keyword ":"? . (_) @value) @part.arg
(argument . (_) @value) @part.arg
(lambda_expression body: (_) @body) @part.arg
(anonymous_method_expression (block) @body) @part.arg

; Members
(member_access_expression expression: (_) @receiver name: [(identifier) @name (generic_name . (identifier) @name)]) @access
(conditional_access_expression condition: (_) @receiver . (member_binding_expression name: (_) @name)) @access
(element_access_expression
  expression: (_) @receiver subscript: (bracketed_argument_list . (argument . (string_literal) @key))) @access
(conditional_access_expression
  condition: (_) @receiver (element_binding_expression . (argument . (string_literal) @key))) @access
(invocation_expression
  function: (member_access_expression
    expression: (_) @receiver name: [(identifier) @method (generic_name . (identifier) @method)])
  arguments: (argument_list . (argument . (string_literal) @key))
  (#any-of? @method
    "GetProperty" "TryGetProperty" "GetValue" "TryGetValue" "Value" "SelectToken" "ContainsKey" "GetValueOrDefault" "Property" "Remove")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.get
(invocation_expression
  function: (member_access_expression expression: (_) @receiver name: (_) @method)
  arguments: (argument_list . (argument . (string_literal) @key) . (argument)) @written
  (#any-of? @method "Add" "TryAdd" "WriteString" "WriteNumber" "WriteBoolean" "WriteNull")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.put
(assignment_expression left: (_) @written) @write

; Values
(anonymous_object_creation_expression) @object.assigned
(object_creation_expression
  type: (_) @type initializer: (initializer_expression) @items) @object
(implicit_object_creation_expression (initializer_expression) @items) @object
(assignment_expression left: (identifier) @name right: (_) @value) @part.key
(assignment_expression left: (element_binding_expression (argument . (_) @name)) right: (_) @value) @part.key
(initializer_expression . (string_literal) @name . (_) @value) @part.key
(variable_declaration type: (_) @type (variable_declarator name: (_) @name "=" . (_) @value)) @given
(property_declaration type: (_) @type name: (_) @name value: (_) @value) @given
(assignment_expression left: (_) @name right: (_) @value) @given
(return_statement (_) @value) @given.result
(arrow_expression_clause (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(await_expression (_) @value) @wrap
(cast_expression value: (_) @value) @wrap
(string_literal) @string
(verbatim_string_literal) @string
(raw_string_literal) @string
(interpolated_string_expression (interpolation)? @interpolated) @string
(comment) @comment

; Errors
(catch_clause (catch_declaration type: (_) @type name: (_)? @name)? body: (_) @body) @catch.except
(throw_statement (_)? @value) @throw
(throw_expression (_) @value) @throw
(return_statement (_)? @value) @return
