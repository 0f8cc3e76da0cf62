; JavaScript's own: names of classes, fields and plain parameters.

(class_declaration
  name: (_) @name
  (class_heritage (_) @base)?
  body: (_) @body) @decl.class
(variable_declarator name: (_) @name value: (class (class_heritage (_) @base)? body: (_) @body)) @decl.class

(field_definition
  property: (_) @name
  value: (arrow_function "async"? @async parameters: (_)? @params parameter: (_)? @params body: (_) @body)) @decl.method
(field_definition property: (_) @name value: (_)? @default) @decl.field
(field_definition property: (_) @name value: (_) @value) @given

(assignment_pattern left: (_) @name right: (_) @default) @part.param
(rest_pattern (_) @name @variadic) @part.param
(object_pattern) @part.param
