package document

import "testing"

func TestXMLAndINI(t *testing.T) {
	x, err := XML("a.csproj", []byte("<Project>\n  <PropertyGroup Condition=\"x\">\n    <NoWarn>CS1;CS2</NoWarn>\n  </PropertyGroup>\n</Project>\n"))
	if err != nil || x.Text("Project", "PropertyGroup", "NoWarn") != "CS1;CS2" || x.LineOf("Project", "PropertyGroup", "NoWarn") != 3 || x.Text("Project", "PropertyGroup", "@Condition") != "x" {
		t.Errorf("XML: %+v %v", x, err)
	}
	i, err := INI("setup.cfg", []byte("a = 1\n[report]\nfail_under: 91\nomit =\n  x\n  y\n"))
	if err != nil || i.Text("a") != "1" || i.Text("report", "fail_under") != "91" || i.Text("report", "omit") != "x\ny" || i.LineOf("report", "fail_under") != 3 {
		t.Errorf("INI: %+v %v", i, err)
	}
}
