; Modules
(package_declaration [(identifier) @name (scoped_identifier) @name]) @package
(import_declaration [(scoped_identifier) @path (identifier) @path] (asterisk)? @all) @import.qualified

; Types and members
(class_declaration
  name: (_) @name
  superclass: (superclass (_) @base)?
  interfaces: (super_interfaces (type_list (_)* @base))?
  body: (_) @body) @decl.class
(record_declaration
  name: (_) @name parameters: (_) @params
  interfaces: (super_interfaces (type_list (_)* @base))?
  body: (_) @body) @decl.class
(record_declaration parameters: (formal_parameters (formal_parameter)* @each)) @decl.each
(interface_declaration
  name: (_) @name
  (extends_interfaces (type_list (_)* @base))?
  body: (_) @body) @decl.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @decl.interface
(enum_declaration
  name: (_) @name
  interfaces: (super_interfaces (type_list (_)* @base))?
  body: (_) @body) @decl.enum
(enum_constant name: (_) @name arguments: (_)? @default) @decl.value
(method_declaration type: (_) @result name: (_) @name parameters: (_) @params body: (_)? @body) @decl.method
(constructor_declaration name: (_) @name parameters: (_) @params body: (_) @body) @decl.method
(compact_constructor_declaration name: (_) @name body: (_) @body) @decl.method
(annotation_type_element_declaration type: (_) @result name: (_) @name value: (_)? @default) @decl.method
(field_declaration type: (_) @type declarator: (variable_declarator)* @each) @decl.each
(constant_declaration type: (_) @type declarator: (variable_declarator)* @each) @decl.each
(lambda_expression) @scope
(static_initializer) @scope

(formal_parameter type: (_) @type name: (_) @name) @part.param
(spread_parameter
  [(integral_type) (floating_point_type) (boolean_type) (type_identifier) (scoped_type_identifier) (generic_type) (array_type)] @type
  (variable_declarator name: (_) @name @variadic)) @part.param
(variable_declarator name: (_) @name value: (_)? @default) @part.param

; Calls
(method_invocation object: (_)? @receiver name: (_) @name arguments: (_) @args) @call
(object_creation_expression
  type: [(type_identifier) @name (generic_type . (_) @name) (scoped_type_identifier) @name]
  arguments: (_) @args) @call.new
(annotation name: (_) @name arguments: (_) @args) @decorator
(marker_annotation name: (_) @name) @decorator
(element_value_pair key: (_) @keyword value: (_) @value) @part.arg
(lambda_expression body: (_) @body) @part.arg

; Members
(field_access object: (_) @receiver field: (_) @name) @access
(method_invocation
  object: (_) @receiver name: (_) @method
  arguments: (argument_list . (string_literal) @key)
  (#any-of? @method
    "get" "path" "has" "hasNonNull" "getOrDefault" "containsKey" "remove" "opt" "required" "findValue" "findPath"
    "getString" "getInt" "getLong" "getDouble" "getBoolean" "getInteger" "getJSONObject" "getJSONArray" "getJsonObject"
    "getJsonArray" "optString" "optInt" "optLong" "optDouble" "optBoolean" "optJSONObject" "optJSONArray" "getAsJsonObject"
    "getAsJsonArray" "getAsJsonPrimitive" "isNull" "withArray" "getBigDecimal" "getInstant")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.get
(method_invocation
  object: (_) @receiver name: (_) @method
  arguments: (argument_list . (string_literal) @key . (_)) @written
  (#any-of? @method
    "put" "set" "add" "addProperty" "putIfAbsent" "accumulate" "putPOJO" "putObject" "putArray" "claim" "field")
  (#match? @key "^\"[A-Za-z_][A-Za-z0-9_.:-]*\"$")) @access.put
(assignment_expression left: (_) @written) @write
(update_expression (_) @written) @write

; Values
(method_invocation
  object: [(identifier) (field_access)] @owner name: (_) @maker arguments: (_) @items
  (#match? @owner "(^|\\.)(Map|ImmutableMap|Maps)$")
  (#eq? @maker "of")) @object.pairs
(method_invocation
  object: [(identifier) (field_access)] @owner name: (_) @maker arguments: (_) @items
  (#match? @owner "(^|\\.)(Map|ImmutableMap)$")
  (#eq? @maker "ofEntries")) @object
(method_invocation
  name: (_) @maker arguments: (argument_list . (_) @name . (_) @value)
  (#eq? @maker "entry")) @part.key
(variable_declarator name: (_) @name value: (_) @value) @given
(assignment_expression left: (_) @name right: (_) @value) @given
(return_statement (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(cast_expression value: (_) @value) @wrap
(string_literal) @string
(line_comment) @comment
(block_comment) @comment

; Errors
(catch_clause
  (catch_formal_parameter (catch_type (_)* @type) name: (_) @name)
  body: (_) @body) @catch.except
(throw_statement (_) @value) @throw
(return_statement (_)? @value) @return
