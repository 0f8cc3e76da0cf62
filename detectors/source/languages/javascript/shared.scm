; What JavaScript and TypeScript say in the same way.

; Functions
(function_declaration
  "async"? @async name: (_) @name
  parameters: (_) @params return_type: (type_annotation (_) @result)? body: (_) @body) @decl.function
(generator_function_declaration
  "async"? @async name: (_) @name
  parameters: (_) @params return_type: (type_annotation (_) @result)? body: (_) @body) @decl.function
(variable_declarator
  name: (identifier) @name
  value: (arrow_function
    "async"? @async parameters: (_)? @params parameter: (_)? @params
    return_type: (type_annotation (_) @result)? body: (_) @body)) @decl.function
(variable_declarator
  name: (identifier) @name
  value: [
    (function_expression "async"? @async parameters: (_) @params return_type: (type_annotation (_) @result)? body: (_) @body)
    (generator_function "async"? @async parameters: (_) @params return_type: (type_annotation (_) @result)? body: (_) @body)
  ]) @decl.function
(variable_declarator
  name: (identifier) @name
  type: (type_annotation (_) @type)?
  value: (call_expression arguments: (arguments [(arrow_function) (function_expression)])) @default) @decl.wrapped
(variable_declarator
  name: (identifier) @name
  type: (type_annotation (_) @type)?
  value: (_)? @default) @decl.variable
(method_definition
  (accessibility_modifier)? @access "async"? @async name: (_) @name
  parameters: (_) @params return_type: (type_annotation (_) @result)? body: (_) @body) @decl.method
(export_statement
  "default"
  value: [
    (arrow_function "async"? @async parameters: (_)? @params return_type: (type_annotation (_) @result)? body: (_) @body)
    (function_expression "async"? @async name: (_)? @name parameters: (_)? @params return_type: (type_annotation (_) @result)? body: (_) @body)
  ]) @decl.default

(assignment_expression
  left: (member_expression object: (_) @owner property: (_) @name)
  right: [
    (arrow_function "async"? @async parameters: (_)? @params body: (_) @body)
    (function_expression "async"? @async parameters: (_)? @params body: (_) @body)
  ]
  (#match? @owner "^(module\\.)?exports$")) @decl.function

(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @receiver property: (_) @prototype) property: (_) @name)
  right: (function_expression "async"? @async parameters: (_)? @params body: (_) @body)
  (#eq? @prototype "prototype")) @decl.function
(assignment_expression
  left: (member_expression object: (_) @owner property: (_) @name)
  right: (_) @default
  (#match? @owner "^(module\\.)?exports$")) @decl.variable
(assignment_expression
  left: (member_expression object: (this) property: (_) @name)
  right: (_) @default) @decl.instance

(arrow_function) @scope
(function_expression) @scope
(generator_function) @scope
(class_static_block) @scope

; Modules
(export_statement) @export
(export_statement source: (_) @path) @import
(export_specifier name: (_) @name) @export.name
(export_statement "default" value: (identifier) @name) @export.default
(assignment_expression
  left: (member_expression) @left right: (identifier) @name
  (#match? @left "^(module\\.exports|exports\\.[A-Za-z0-9_$]+|module\\.exports\\.[A-Za-z0-9_$]+)$")) @export.default
(assignment_expression
  left: (member_expression) @left
  right: (object [(shorthand_property_identifier) @name (pair value: (identifier) @name)]*)
  (#match? @left "^module\\.exports$")) @export.default
(import_statement source: (_) @path (import_clause (identifier) @alias)?) @import
(import_statement source: (_) @path (import_clause (namespace_import (identifier) @alias))) @import
(import_specifier name: (_) @name alias: (_)? @alias) @import.name
(export_specifier name: (_) @name alias: (_)? @alias) @import.name
(call_expression
  function: [(identifier) @maker (import) @maker]
  arguments: (arguments . (string) @path)
  (#any-of? @maker "require" "import")) @import
(variable_declarator
  name: (identifier) @alias
  value: [
    (call_expression function: (identifier) @maker arguments: (arguments (string)))
    (await_expression (call_expression function: (import) @maker arguments: (arguments (string))))
  ]
  (#any-of? @maker "require" "import")) @import.given
(variable_declarator
  name: (object_pattern [
    (shorthand_property_identifier_pattern) @name
    (pair_pattern key: (_) @name value: (identifier))
  ]*)
  value: [
    (call_expression function: (identifier) @maker arguments: (arguments (string)))
    (await_expression (call_expression function: (import) @maker arguments: (arguments (string))))
  ]
  (#any-of? @maker "require" "import")) @import.given

; Calls
(call_expression
  function: (member_expression object: (_) @receiver property: (_) @name)
  arguments: (_) @args) @call
(call_expression function: (_) @name arguments: (_) @args) @call
(new_expression
  constructor: (member_expression object: (_) @receiver property: (_) @name)
  arguments: (_)? @args) @call.new
(new_expression constructor: (_) @name arguments: (_)? @args) @call.new
(await_expression (call_expression) @awaited) @await
(decorator (call_expression) @call) @decorator
(decorator (member_expression object: (_) @receiver property: (_) @name)) @decorator
(decorator (identifier) @name) @decorator
(arrow_function body: (_) @body) @part.arg
(function_expression body: (_) @body) @part.arg

; Members
(member_expression object: (_) @receiver property: (_) @name) @access
(subscript_expression object: (_) @receiver index: (string) @key) @access
(subscript_expression object: (_) @receiver index: (template_string) @key) @access
(assignment_expression left: (_) @written) @write
(augmented_assignment_expression left: (_) @written) @write
(update_expression argument: (_) @written) @write
(unary_expression operator: "delete" argument: (_) @written) @write
(variable_declarator name: (object_pattern) @pattern value: (_) @receiver) @unpacks
(assignment_expression left: (object_pattern) @pattern right: (_) @receiver) @unpacks
(for_in_statement left: (object_pattern) @pattern right: (_) @receiver) @unpacks
(required_parameter pattern: (object_pattern) @pattern type: (type_annotation (_) @receiver)?) @unpacks
(optional_parameter pattern: (object_pattern) @pattern type: (type_annotation (_) @receiver)?) @unpacks
(assignment_pattern left: (object_pattern) @pattern) @unpacks
(pair_pattern key: (_) @key value: (object_pattern) @pattern) @unpacks.nested
(pair_pattern key: (_) @key value: (assignment_pattern left: (object_pattern) @pattern)) @unpacks.nested
(shorthand_property_identifier_pattern) @unpacked
(pair_pattern key: (_) @name) @unpacked

; Values
(object) @object
(pair key: (_) @name value: (_) @value) @part.key
(shorthand_property_identifier) @part.key
(method_definition name: (_) @name) @part.key
(spread_element) @part.spread
(variable_declarator name: (_) @name type: (type_annotation (_) @type)? value: (_) @value) @given
(assignment_expression left: (_) @name right: (_) @value) @given
(assignment_pattern left: (_) @name right: (_) @value) @given
(return_statement (_) @value) @given.result
(arrow_function return_type: (type_annotation (_) @type)? body: (parenthesized_expression (object) @value)) @given
(parenthesized_expression (_) @value) @wrap
(await_expression (_) @value) @wrap
(string) @string
(template_string (template_substitution)? @interpolated) @string
(jsx_text) @text
(jsx_attribute (property_identifier) @name (jsx_expression (_) @value)) @given
(comment) @comment

; Errors
(try_statement
  body: (_) @try
  handler: (catch_clause parameter: (_)? @name body: (_) @body)) @catch.catch
(call_expression
  function: (member_expression object: (_) @try property: (_) @method)
  arguments: (arguments [
    (arrow_function parameters: (formal_parameters (_) @name)? parameter: (_)? @name body: (_) @body)
    (function_expression parameters: (formal_parameters (_) @name)? body: (_) @body)
    (identifier) @handler
    (member_expression) @handler
  ])
  (#eq? @method "catch")) @catch.promise
(call_expression
  function: (member_expression object: (_) @try property: (_) @method)
  arguments: (_) @both
  (#eq? @method "then")) @catch.then
(throw_statement (_)? @value) @throw
(return_statement (_)? @value) @return
