package references

import "testing"

func TestConfigurationThatNamesVariables(t *testing.T) {
	for name, c := range map[string]struct{ path, text, want string }{
		"spring":      {"src/main/resources/application-prod.yml", "# ${NO_NAME}\nshop:\n  url: ${SHOP_URL}\n  pay: ${PAY_URL:http://localhost:9}\n", "3: SHOP_URL required\n4: PAY_URL local default"},
		"rails":       {"config/database.yml", "production:\n  url: <%= ENV.fetch(\"DATABASE_URL\") %>\n  pool: <%= ENV.fetch(\"DB_POOL\") { 5 } %>\n  key: <%= ENV['DB_KEY'] %>\n", "2: DATABASE_URL required\n3: DB_POOL default\n4: DB_KEY"},
		"symfony":     {"config/services.yaml", "parameters:\n  env(MAIL_URL): 'x'\n  a: '%env(MAIL_URL)%'\n  b: '%env(int:DB_PORT)%'\n", "3: MAIL_URL default\n4: DB_PORT"},
		"node-config": {"config/custom-environment-variables.json", "{\n  \"db\": {\"url\": \"DB_URL\"},\n  \"mail\": \"MAIL_URL\"\n}\n", "2: DB_URL\n3: MAIL_URL"},
		"other":       {"deploy/values.yaml", "url: ${SHOP_URL}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := list(ReadText(c.path, []byte(c.text))); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
