; TypeScript's own: types, and members with types.

(class_declaration
  name: (_) @name
  (class_heritage [(extends_clause value: (_) @base) (implements_clause (_)* @base)]*)?
  body: (_) @body) @decl.class
(abstract_class_declaration
  name: (_) @name
  (class_heritage [(extends_clause value: (_) @base) (implements_clause (_)* @base)]*)?
  body: (_) @body) @decl.class
(variable_declarator
  name: (_) @name
  value: (class
    (class_heritage [(extends_clause value: (_) @base) (implements_clause (_)* @base)]*)?
    body: (_) @body)) @decl.class
(interface_declaration
  name: (_) @name
  (extends_type_clause type: (_)* @base)?
  body: (_) @body) @decl.interface
(type_alias_declaration name: (_) @name value: (_) @type) @decl.type
(enum_declaration name: (_) @name body: (_) @body) @decl.enum
(enum_assignment name: (_) @name value: (_) @default) @decl.value
(enum_body name: (_)* @name) @decl.values
(internal_module name: (_) @name body: (_) @body) @decl.namespace
(module name: (_) @name body: (_) @body) @decl.namespace

(public_field_definition
  (accessibility_modifier)? @access
  name: (_) @name
  value: (arrow_function
    "async"? @async parameters: (_)? @params parameter: (_)? @params
    return_type: (type_annotation (_) @result)? body: (_) @body)) @decl.method
(public_field_definition
  (accessibility_modifier)? @access
  name: (_) @name "?"? @optional
  type: (type_annotation (_) @type)?
  value: (_)? @default) @decl.field
(public_field_definition name: (_) @name type: (type_annotation (_) @type)? value: (_) @value) @given
(property_signature
  name: (_) @name "?"? @optional
  type: (type_annotation (_) @type)?) @decl.field
(method_signature
  (accessibility_modifier)? @access
  name: (_) @name "?"? @optional
  parameters: (_) @params return_type: (type_annotation (_) @result)?) @decl.method
(abstract_method_signature
  (accessibility_modifier)? @access
  name: (_) @name
  parameters: (_) @params return_type: (type_annotation (_) @result)?) @decl.method
(function_signature
  "async"? @async name: (_) @name
  parameters: (_) @params return_type: (type_annotation (_) @result)?) @decl.function

(required_parameter
  (accessibility_modifier) @access pattern: (_) @name
  type: (type_annotation (_) @type)? value: (_)? @default) @decl.property
(required_parameter pattern: (rest_pattern (_) @name @variadic) type: (type_annotation (_) @type)?) @part.param
(required_parameter pattern: (_) @name type: (type_annotation (_) @type)? value: (_)? @default) @part.param
(optional_parameter pattern: (_) @name @optional type: (type_annotation (_) @type)? value: (_)? @default) @part.param

(as_expression (_) @value) @wrap
(satisfies_expression (_) @value) @wrap
(non_null_expression (_) @value) @wrap
(as_expression (object) @value [
  (type_identifier) (generic_type) (nested_type_identifier) (array_type) (object_type)] @type) @given
(satisfies_expression (object) @value [
  (type_identifier) (generic_type) (nested_type_identifier) (array_type) (object_type)] @type) @given
(type_assertion (type_arguments (_) @type) (object) @value) @given
(required_parameter pattern: (_) @name type: (type_annotation (_) @type)? value: (_) @value) @given
(import_require_clause (identifier) @alias source: (_) @path) @import
