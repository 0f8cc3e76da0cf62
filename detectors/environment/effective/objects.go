package effective

// ConfigMaps and Secrets, and what makes them: SealedSecret, ExternalSecret, SecretProviderClass and the operators of
// secret stores.

// objectsOf are the objects among resources, by "ConfigMap/name" and "Secret/name".
func objectsOf(list []*resource) map[string]*Object {
	all := map[string]*Object{}
	for _, r := range list {
		for _, o := range objects(r) {
			key := o.Kind + "/" + o.Name
			if old, ok := all[key]; ok && old.At != o.At {
				// Two of one name (in two namespaces, for two environments): together they tell what may be there.
				for k, at := range o.Keys {
					if _, has := old.Keys[k]; !has {
						old.Keys[k] = at
					}
				}
				old.Open = old.Open || o.Open
				continue
			}
			all[key] = o
		}
	}
	return all
}

// objects are what one resource gives to others.
func objects(r *resource) []*Object {
	n := r.node
	o := &Object{Kind: "Secret", Name: r.name, Keys: map[string]Place{}, At: n.get("metadata").place("name"), values: map[string]string{}}
	switch r.kind {
	case "ConfigMap":
		o.Kind = "ConfigMap"
		for _, field := range []string{"data", "binaryData"} {
			o.take(n.get(field), field == "data")
		}
	case "Secret":
		o.take(n.get("data"), false)
		o.take(n.get("stringData"), false)
	case "SealedSecret":
		if name := n.text("spec", "template", "metadata", "name"); name != "" {
			o.Name = name
		}
		o.take(n.get("spec", "encryptedData"), false)
		o.take(n.get("spec", "template", "data"), false)
	case "ExternalSecret", "ClusterExternalSecret":
		spec := n.get("spec")
		if r.kind == "ClusterExternalSecret" {
			spec = n.get("spec", "externalSecretSpec")
		}
		if name := spec.text("target", "name"); name != "" {
			o.Name = name
		}
		if data := spec.get("target", "template", "data"); data != nil && spec.text("target", "template", "mergePolicy") != "Merge" {
			o.take(data, false)
			break
		}
		o.take(spec.get("target", "template", "data"), false)
		for _, d := range spec.list("data") {
			o.Keys[d.text("secretKey")] = d.place("secretKey")
		}
		o.Open = len(spec.list("dataFrom")) > 0 || spec.get("target", "template", "templateFrom") != nil || spec.text("target", "creationPolicy") == "Merge"
	case "SecretProviderClass":
		var list []*Object
		for _, s := range n.list("spec", "secretObjects") {
			one := &Object{Kind: "Secret", Name: s.text("secretName"), Keys: map[string]Place{}, At: s.place("secretName")}
			for _, d := range s.list("data") {
				one.Keys[d.text("key")] = d.place("key")
			}
			list = append(list, one)
		}
		return list
	case "VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret", "HCPVaultSecretsApp":
		o.Name, o.Open = n.text("spec", "destination", "name"), true
	case "OnePasswordItem", "VaultSecret", "BitwardenSecret", "AzureKeyVaultSecret", "Certificate":
		o.Open = true
		for _, at := range [][]string{{"spec", "secretName"}, {"spec", "output", "secret", "name"}} {
			if name := n.text(at...); name != "" {
				o.Name = name
			}
		}
	case "InfisicalSecret", "DopplerSecret":
		o.Open = true
		for _, at := range [][]string{{"spec", "managedSecretReference", "secretName"}, {"spec", "managedSecret", "name"}} {
			if name := n.text(at...); name != "" {
				o.Name = name
			}
		}
	default:
		return nil
	}
	if o.Name == "" {
		return nil
	}
	return []*Object{o}
}

// take adds the keys of a mapping, with values where they are not secret.
func (o *Object) take(n *node, values bool) {
	if n == nil {
		return
	}
	for _, p := range n.pairs {
		if p.key == "\x00open" {
			o.Open = true
			continue
		}
		o.Keys[p.key] = n.place(p.key)
		if values && p.value.scalar {
			o.values[p.key] = p.value.text()
		}
	}
}
