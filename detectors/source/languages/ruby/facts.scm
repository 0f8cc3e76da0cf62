; Modules, classes and methods
(module name: (_) @name body: (_)? @body) @decl.module
(class name: (_) @name superclass: (superclass (_) @base)? body: (_)? @body) @decl.class
(method name: (_) @name parameters: (_)? @params body: (_)? @body) @decl.function
(singleton_method name: (_) @name parameters: (_)? @params body: (_)? @body) @decl.function
(assignment left: (constant) @name right: (_)? @default) @decl.const
(assignment left: (identifier) @name right: (_)? @default) @decl.variable
(do_block) @scope
(block) @scope
(lambda) @scope

(optional_parameter name: (_) @name value: (_) @default) @part.param
(keyword_parameter name: (_) @name @keyword_only value: (_)? @default) @part.param
(splat_parameter name: (_) @name @variadic) @part.param
(hash_splat_parameter name: (_) @name @keywords) @part.param
(block_parameter name: (_) @name @optional) @part.param

; Files that are loaded
(call
  method: (identifier) @method arguments: (argument_list . (string) @path)
  (#any-of? @method "require" "require_relative" "require_dependency" "load")) @import

; Members: a call without arguments reads one
(call receiver: (_) @receiver method: (identifier) @name !arguments !block) @access
(element_reference object: (_) @receiver [(string) (simple_symbol) (delimited_symbol)] @key) @access
(call
  receiver: (_) @receiver method: (identifier) @method
  arguments: (argument_list [(string) (simple_symbol) (delimited_symbol)]* @key)
  (#any-of? @method "dig" "fetch" "key?" "has_key?" "delete")) @access.path
(assignment left: (_) @written) @write
(operator_assignment left: (_) @written) @write

; Calls
(call receiver: (_) @receiver method: [(identifier) (constant)] @name arguments: (_)? @args block: (_)? @tail) @call
(call receiver: (_) @receiver !method arguments: (_) @args) @call
(call method: [(identifier) (constant)] @name !receiver arguments: (_)? @args block: (_)? @tail) @call
(do_block body: (_)? @body) @part.arg
(block body: (_)? @body) @part.arg
(lambda body: (_) @body) @part.arg

; Values
(hash) @object
(argument_list (pair key: (string))) @object
(pair key: [(hash_key_symbol) (simple_symbol) (delimited_symbol) (string)] @name value: (_) @value) @part.key
(pair key: (hash_key_symbol) @name) @part.key
(hash_splat_argument) @part.spread
(pair key: [(hash_key_symbol) (simple_symbol)] @keyword value: (_) @value) @part.arg
(assignment left: (_) @name right: (_) @value) @given
(operator_assignment left: (_) @name right: (_) @value) @given
(return (argument_list (_) @value)) @given.result
(parenthesized_statements (_) @value) @wrap
(string (interpolation)? @interpolated) @string
(heredoc_body (interpolation)? @interpolated) @raw
(simple_symbol) @symbol
(delimited_symbol) @symbol
(comment) @comment

; Errors
(rescue
  exceptions: (exceptions (_)* @type)?
  variable: (exception_variable (_) @name)?
  body: (_)? @body) @catch.rescue
(rescue_modifier body: (_) @try handler: (_) @body) @catch.modifier
(nil) @noop
(call method: (identifier) @method (#any-of? @method "raise" "fail")) @throw
(identifier) @throw (#eq? @throw "raise")
(return (argument_list (_) @value)?) @return
