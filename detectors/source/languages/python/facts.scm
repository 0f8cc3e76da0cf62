; Functions and classes
(function_definition
  "async"? @async name: (_) @name
  parameters: (_) @params return_type: (_)? @result
  body: (_) @body) @decl.function
(class_definition name: (_) @name superclasses: (_)? @bases body: (_) @body) @decl.class
(block . (expression_statement . (string) @doc)) @docstring
(assignment left: (identifier) @name type: (_)? @type right: (_)? @default) @decl.variable
(assignment
  left: (attribute object: (identifier) @self attribute: (identifier) @name)
  type: (_)? @type right: (_)? @default
  (#eq? @self "self")) @decl.instance
(lambda) @scope
(type_alias_statement (type (_) @name) (type) @type) @decl.type

(typed_parameter (identifier) @name type: (_) @type) @part.param
(typed_parameter (list_splat_pattern (_) @name @variadic) type: (_) @type) @part.param
(typed_parameter (dictionary_splat_pattern (_) @name @keywords) type: (_) @type) @part.param
(default_parameter name: (_) @name value: (_) @default) @part.param
(typed_default_parameter name: (_) @name type: (_) @type value: (_) @default) @part.param
(list_splat_pattern (_) @name @variadic) @part.param
(dictionary_splat_pattern (_) @name @keywords) @part.param
(positional_separator) @part.positional
(keyword_separator) @part.keywords

; Modules
(import_statement name: (_)* @module) @import.modules
(import_from_statement module_name: (_) @path name: (_)* @names) @import
(import_from_statement module_name: (_) @path (wildcard_import) @names) @import
(aliased_import name: (_) @name alias: (_) @alias) @part.import
(assignment
  left: (identifier) @left right: [(list (string)* @name) (tuple (string)* @name)]
  (#eq? @left "__all__")) @export.list
(augmented_assignment
  left: (identifier) @left right: [(list (string)* @name) (tuple (string)* @name)]
  (#eq? @left "__all__")) @export.list

; Calls
(call function: (attribute object: (_) @receiver attribute: (_) @name) arguments: (_) @args) @call
(call function: (_) @name arguments: (_) @args) @call
(await (call) @awaited) @await
(decorator (call) @call) @decorator
(decorator (attribute object: (_) @receiver attribute: (_) @name)) @decorator
(decorator (identifier) @name) @decorator
(keyword_argument name: (_) @keyword value: (_) @value) @part.arg
(lambda body: (_) @body) @part.arg

; Members
(attribute object: (_) @receiver attribute: (_) @name) @access
(subscript value: (_) @receiver subscript: (string) @key) @access
(call
  function: (attribute object: (_) @receiver attribute: (_) @method)
  arguments: (argument_list . (string) @key)
  (#any-of? @method "get" "pop" "setdefault" "getlist")
  (#match? @key "^[\"'][A-Za-z_][A-Za-z0-9_.:-]*[\"']$")) @access.get
(assignment left: (_) @written) @write
(augmented_assignment left: (_) @written) @write
(delete_statement (_) @written) @write

; Values
(dictionary) @object
(pair key: (_) @name value: (_) @value) @part.key
(dictionary_splat) @part.spread
(assignment left: (_) @name type: (_)? @type right: (_) @value) @given
(default_parameter name: (_) @name value: (_) @value) @given
(typed_default_parameter name: (_) @name type: (_) @type value: (_) @value) @given
(return_statement (_) @value) @given.result
(parenthesized_expression (_) @value) @wrap
(await (_) @value) @wrap
(string (interpolation)? @interpolated) @string
(comment) @comment

; Errors
(except_clause [
  (as_pattern [
    (identifier) @type
    (attribute) @type
    (call) @type
    (tuple (_)* @type)
    (parenthesized_expression (_) @type)
  ] alias: (_) @name)
  (identifier) @type
  (attribute) @type
  (tuple (_)* @type)
  (parenthesized_expression (_) @type)
  ]?
  (block) @body) @catch.except
(except_group_clause [
  (as_pattern [(identifier) @type (attribute) @type (tuple (_)* @type)] alias: (_) @name)
  (identifier) @type
  (attribute) @type
  (tuple (_)* @type)
  ]?
  (block) @body) @catch.except
(pass_statement) @noop
(expression_statement (ellipsis)) @noop
(raise_statement) @throw
(return_statement (_)? @value) @return
