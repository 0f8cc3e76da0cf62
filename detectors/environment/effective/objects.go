package effective

import "flightpoll/detectors/source/document"

// ConfigMaps and Secrets, and what makes them: SealedSecret, ExternalSecret, SecretProviderClass and the operators of
// secret stores.

// objectsOf are the objects among resources, by "ConfigMap/name" and "Secret/name".
func objectsOf(list []*resource) map[string]*Object {
	all := map[string]*Object{}
	for _, r := range list {
		for _, o := range objectsIn(r) {
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

// objectsIn are what one resource gives to others.
func objectsIn(r *resource) []*Object {
	n := r.node
	o := &Object{Kind: "Secret", Name: r.name, Keys: map[string]Place{}, At: place(n.Get("metadata"), "name"), values: map[string]string{}}
	switch r.kind {
	case "ConfigMap":
		o.Kind = "ConfigMap"
		for _, field := range []string{"data", "binaryData"} {
			o.take(n.Get(field), field == "data")
		}
	case "Secret":
		o.take(n.Get("data"), false)
		o.take(n.Get("stringData"), false)
	case "SealedSecret":
		if name := n.Text("spec", "template", "metadata", "name"); name != "" {
			o.Name = name
		}
		o.take(n.Get("spec", "encryptedData"), false)
		o.take(n.Get("spec", "template", "data"), false)
	case "ExternalSecret", "ClusterExternalSecret":
		spec := n.Get("spec")
		if r.kind == "ClusterExternalSecret" {
			spec = n.Get("spec", "externalSecretSpec")
		}
		if name := spec.Text("target", "name"); name != "" {
			o.Name = name
		}
		if data := spec.Get("target", "template", "data"); data != nil && spec.Text("target", "template", "mergePolicy") != "Merge" {
			o.take(data, false)
			break
		}
		o.take(spec.Get("target", "template", "data"), false)
		for _, d := range spec.List("data") {
			o.Keys[d.Text("secretKey")] = place(d, "secretKey")
		}
		o.Open = len(spec.List("dataFrom")) > 0 || spec.Get("target", "template", "templateFrom") != nil || spec.Text("target", "creationPolicy") == "Merge"
	case "SecretProviderClass":
		var list []*Object
		for _, s := range n.List("spec", "secretObjects") {
			one := &Object{Kind: "Secret", Name: s.Text("secretName"), Keys: map[string]Place{}, At: place(s, "secretName")}
			for _, d := range s.List("data") {
				one.Keys[d.Text("key")] = place(d, "key")
			}
			list = append(list, one)
		}
		return list
	case "VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret", "HCPVaultSecretsApp":
		o.Name, o.Open = n.Text("spec", "destination", "name"), true
	case "OnePasswordItem", "VaultSecret", "BitwardenSecret", "AzureKeyVaultSecret", "Certificate":
		o.Open = true
		for _, at := range [][]string{{"spec", "secretName"}, {"spec", "output", "secret", "name"}} {
			if name := n.Text(at...); name != "" {
				o.Name = name
			}
		}
	case "InfisicalSecret", "DopplerSecret":
		o.Open = true
		for _, at := range [][]string{{"spec", "managedSecretReference", "secretName"}, {"spec", "managedSecret", "name"}} {
			if name := n.Text(at...); name != "" {
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
func (o *Object) take(n *document.Node, values bool) {
	if n == nil {
		return
	}
	for _, p := range n.Pairs {
		if p.Key == "\x00open" {
			o.Open = true
			continue
		}
		o.Keys[p.Key] = place(n, p.Key)
		if values && p.Value.Scalar() {
			o.values[p.Key] = p.Value.Text()
		}
	}
}
