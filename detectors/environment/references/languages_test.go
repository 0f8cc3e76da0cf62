package references

import "testing"

func TestGo(t *testing.T) {
	table(t, "config/config.go", "//", `package config

import "os"

func env(name, def string) string { v := os.Getenv(name); if v == "" { return def }; return v }
func envInt(name string, def int) int { n, err := strconv.Atoi(env(name, "")); if err != nil { return def }; return n }
func prefixed(key string) string { return os.Getenv("APP_" + key) }

func Load() (*Config, error) {
	secret := os.Getenv("SECRET_KEY") //> SECRET_KEY required
	if secret == "" {
		return nil, errors.New("SECRET_KEY")
	}
	base := os.Getenv("BASE_URL") //> BASE_URL local default
	if base == "" {
		base = "http://localhost:8080"
	}
	region := cmp.Or(os.Getenv("REGION"), "eu") //> REGION default
	wait, err := time.ParseDuration(os.Getenv("WAIT")) //> WAIT duration
	cfg := &Config{Queue: os.Getenv("QUEUE_URL"), Debug: os.Getenv("DEBUG_SQL") == "true"} //> QUEUE_URL required, DEBUG_SQL optional bool
	if cfg.Queue == "" {
		return nil, fmt.Errorf("no queue")
	}
	key := os.Getenv(keys.Stripe) //> STRIPE_KEY
	any := os.Getenv(dynamic)
	token, ok := os.LookupEnv("TOKEN") //> TOKEN required
	if !ok {
		panic("TOKEN")
	}
	use(env("MODE", "fast"), envInt("SIZE", 3), prefixed("NAME"), must("FAR")) //> MODE default, SIZE default int, APP_NAME, FAR required
	return cfg, nil
}
`, map[string]string{"keys/keys.go": "package keys\n\nconst Stripe = \"STRIPE_KEY\"\n", "a/a.go": `package a

func must(name string) string { v, ok := os.LookupEnv(name); if !ok { log.Fatalf("%s is missing", name) }; return v }
`})
}

func TestGoLibraries(t *testing.T) {
	table(t, "config.go", "//", "package config\n\nimport \"github.com/caarlos0/env/v11\"\n\ntype Config struct {\n"+
		"	Token string `env:\"TOKEN,required\"` //> TOKEN required\n"+
		"	Port int `env:\"PORT_ADMIN\" envDefault:\"8080\"` //> PORT_ADMIN default int\n"+
		"	DB DB `envPrefix:\"DB_\"`\n}\n\ntype DB struct {\n"+
		"	Host string `env:\"HOST\"` //> DB_HOST\n}\n", nil)
	table(t, "config.go", "//", "package config\n\nimport \"github.com/caarlos0/env/v11\"\n\ntype Config struct {\n"+
		"	Token string `env:\"TOKEN\"` //> SHOP_TOKEN required\n"+
		"	DB DB `envPrefix:\"DB_\"`\n}\n\ntype DB struct {\n"+
		"	Host string `env:\"HOST\" envDefault:\"localhost\"` //> SHOP_DB_HOST local default\n}\n\n"+
		"func load(c *Config) error { return env.ParseWithOptions(c, env.Options{Prefix: \"SHOP_\", RequiredIfNoDef: true}) }\n", nil)
	table(t, "config.go", "//", "package config\n\nimport \"github.com/kelseyhightower/envconfig\"\n\ntype Spec struct {\n"+
		"	MaxRetries int `split_words:\"true\" default:\"3\"` //> SHOP_MAX_RETRIES default int\n"+
		"	APIKey string `split_words:\"true\" required:\"true\"` //> SHOP_API_KEY required\n"+
		"	Mail struct {\n"+
		"		Host string //> SHOP_MAIL_HOST\n	}\n"+
		"	Queue string `envconfig:\"QUEUE_URL\"` //> SHOP_QUEUE_URL\n}\n\n"+
		"func load() { var s Spec; envconfig.MustProcess(\"shop\", &s) }\n", nil)
	table(t, "config.go", "//", "package config\n\nimport \"github.com/sethvargo/go-envconfig\"\n\ntype Config struct {\n"+
		"	A string `env:\"A_KEY, required\"` //> A_KEY required\n"+
		"	B string `env:\"B_KEY, default=http://localhost:1\"` //> B_KEY local default\n"+
		"	S Sub `env:\", prefix=SUB_\"`\n}\n\ntype Sub struct {\n"+
		"	C time.Duration `env:\"C_KEY\"` //> SUB_C_KEY duration\n}\n", nil)
	table(t, "main.go", "//", `package main

import "github.com/spf13/viper"

type Settings struct {
	Mail Mail `+"`mapstructure:\"mail\"`"+`
}

type Mail struct {
	Host string `+"`mapstructure:\"host\"`"+` //> mail.host key or APP_MAIL_HOST
	Port int `+"`mapstructure:\"port\"`"+` //> mail.port key or APP_MAIL_PORT default int
}

func load() {
	viper.SetEnvPrefix("app")
	viper.SetEnvKeyReplacer(strings.NewReplacer(".", "_", "-", "_"))
	viper.AutomaticEnv()
	viper.BindEnv("db.url", "DATABASE_URL")
	viper.SetDefault("mail.port", 25)
	use(viper.GetString("db.url"), viper.GetDuration("idle-timeout")) //> db.url key or DATABASE_URL, idle-timeout key or APP_IDLE_TIMEOUT duration
	var s Settings
	viper.Unmarshal(&s)
}
`, nil)
	table(t, "main.go", "//", `package main

import "github.com/urfave/cli/v2"

var flags = []cli.Flag{
	&cli.StringFlag{Name: "dsn", EnvVars: []string{"DSN"}, Required: true}, //> DSN required
	&cli.IntFlag{Name: "size", EnvVars: []string{"POOL_SIZE"}, Value: 3}, //> POOL_SIZE default int
}
`, nil)
	table(t, "main.go", "//", "package main\n\nimport \"github.com/alecthomas/kong\"\n\nvar cli struct {\n"+
		"	Listen string `env:\"LISTEN_ADDR\" default:\"0.0.0.0:80\"` //> LISTEN_ADDR local default\n"+
		"	Key string `env:\"API_KEY\" required:\"\"` //> API_KEY required\n}\n", nil)
}

func TestTypeScript(t *testing.T) {
	table(t, "src/config.ts", "//", `import { KEYS } from "./keys";
const DEFAULT_HOST = "http://localhost:3000";
const { SESSION_SECRET, REGION = "eu", PUBLIC_URL: base } = process.env; //> SESSION_SECRET required, REGION default, PUBLIC_URL client
if (!SESSION_SECRET) { throw new Error("SESSION_SECRET"); }
const port = Number(process.env.ADMIN_PORT || 3000); //> ADMIN_PORT default int
const api = process.env["NEXT_PUBLIC_API"]!; //> NEXT_PUBLIC_API client
const host = process.env.HOST_NAME ?? DEFAULT_HOST; //> HOST_NAME local default
const key = process.env[KEYS.STRIPE]; //> STRIPE_KEY
const dynamic = process.env[name];
const debug = import.meta.env.VITE_DEBUG === "true"; //> VITE_DEBUG optional bool client
const list = process.env.ORIGINS?.split(","); //> ORIGINS optional
const url = new URL(process.env.BASE_URL!); //> BASE_URL url
invariant(process.env.QUEUE, "set QUEUE"); //> QUEUE required
const token = Deno.env.get("TOKEN"); //> TOKEN required
if (token === undefined) { throw new Error("TOKEN"); }
const far = req("FAR"); //> FAR required
const size = num("SIZE", 3); //> SIZE default
process.env.WRITTEN = "x";
// process.env.COMMENTED
`, map[string]string{"src/keys.ts": `export const KEYS = { STRIPE: "STRIPE_KEY" } as const;`, "src/env.ts": `
export function req(name: string) { const v = process.env[name]; if (!v) { throw new Error(name); } return v; }
export const num = (name: string, fallback: number) => { const raw = env(name); return raw ? Number(raw) : fallback; };
export const env = (name: string) => process.env[name];
`})
}

func TestSchemas(t *testing.T) {
	table(t, "env.ts", "//", `
const schema = z.object({
  DATABASE_URL: z.string().url(), //> DATABASE_URL required url
  POOL_SIZE: z.coerce.number().default(10), //> POOL_SIZE default int
  SENTRY: z.string().optional(), //> SENTRY optional
});
export const env = schema.parse(process.env);
export const other = cleanEnv(process.env, {
  API_URL: url({ default: "http://localhost:1" }), //> API_URL local default url
  SECRET: str(), //> SECRET required
});
const joi = Joi.object({
  MAIL_HOST: Joi.string().required(), //> MAIL_HOST required
  MAIL_PORT: Joi.number(), //> MAIL_PORT optional int
});
ConfigModule.forRoot({ validationSchema: joi });
const t3 = createEnv({
  server: { TOKEN: z.string() }, //> TOKEN required
  client: { NEXT_PUBLIC_KEY: z.string() }, //> NEXT_PUBLIC_KEY required client
});
class Service {
  constructor(private readonly configService: ConfigService) {
    this.configService.getOrThrow("JWT_SECRET"); //> JWT_SECRET required
    this.configService.get<string>("database.host"); //> database.host key
    this.configService.get("LIMIT", 3); //> LIMIT default
  }
}
`, nil)
}

func TestPython(t *testing.T) {
	table(t, "app/settings.py", "#", `import os
from app import names
A = os.environ["A_KEY"] #> A_KEY required
B = os.environ.get("B_KEY") #> B_KEY required
if not B:
    raise RuntimeError("B_KEY")
C = os.getenv("C_KEY", "http://localhost:1") #> C_KEY local default
D = int(os.environ.get("D_KEY", 3)) #> D_KEY default int
E = os.environ.get("E_KEY") or "x" #> E_KEY default
if "F_KEY" in os.environ: #> F_KEY optional
    pass
try:
    G = os.environ["G_KEY"] #> G_KEY optional
except KeyError:
    G = None
assert os.environ.get("H_KEY") #> H_KEY required
I = os.environ[names.STRIPE] #> STRIPE_KEY required
J = os.environ[dynamic]
K = require("K_KEY") #> APP_K_KEY required
L = flag("L_KEY") #> L_KEY default bool
`, map[string]string{"app/names.py": "STRIPE = \"STRIPE_KEY\"\n", "app/env.py": `
def flag(name, default=False):
    return os.getenv(name, str(default)).lower() == "true"
def read(name):
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(name)
def require(name):
    return read("APP_" + name)
`})
}

func TestPythonLibraries(t *testing.T) {
	table(t, "config.py", "#", `from pydantic_settings import BaseSettings
class Database(BaseModel):
    host: str #> APP_DB__HOST required
    port: int = 5432 #> APP_DB__PORT default int
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__")
    db: Database
    api_key: SecretStr = Field(default=..., description="x") #> APP_API_KEY required
    base: str = Field("http://localhost:3") #> APP_BASE local default
    note: Optional[str] = None #> APP_NOTE optional
    token: str = Field(validation_alias="TOKEN") #> TOKEN required
`, nil)
	table(t, "settings.py", "#", `import environ
env = environ.Env(DEBUG=(bool, False))
DEBUG = env("DEBUG") #> DEBUG optional
SECRET_KEY = env("SECRET_KEY") #> SECRET_KEY required
LOUD = env.bool("LOUD", default=False) #> LOUD default bool
DB = env.db("DATABASE_URL") #> DATABASE_URL required url
`, nil)
	table(t, "settings.py", "#", `from decouple import config
SECRET_KEY = config("SECRET_KEY") #> SECRET_KEY required
SIZE = config("SIZE", default=3, cast=int) #> SIZE default int
`, nil)
	table(t, "cli.py", "#", `import click
@click.option("--dsn", envvar="DSN", required=True) #> DSN required
def run(dsn): pass
`, nil)
}

func TestRuby(t *testing.T) {
	table(t, "config/app.rb", "#", `
STRIPE = "STRIPE_KEY"
a = ENV["A_KEY"] #> A_KEY
b = ENV.fetch("B_KEY") #> B_KEY required
c = ENV.fetch("C_KEY", "http://localhost:1") #> C_KEY local default
d = ENV.fetch("D_KEY") { 3 } #> D_KEY default
e = ENV[STRIPE] || "x" #> STRIPE_KEY default
f = ENV[name]
g = Integer(ENV.fetch("G_KEY", "5")) #> G_KEY default int
h = ENV.fetch("H_KEY") { raise "H_KEY" } #> H_KEY required
i = env!("I_KEY") #> I_KEY required
j = ENV["J_KEY"].to_i #> J_KEY optional int
k = 1 if ENV["K_KEY"].present? #> K_KEY optional
l = Rails.application.credentials.dig(:aws, :key) #> credentials.aws.key key
m = Rails.application.credentials.stripe[:key] #> credentials.stripe.key key
unless ENV.key?("N_KEY") #> N_KEY required
  abort "N_KEY"
end
`, map[string]string{"lib/env.rb": "def env!(name)\n  ENV.fetch(name) { raise name }\nend\n"})
}

func TestJava(t *testing.T) {
	table(t, "App.java", "//", `package app;
class App {
  private static final String STRIPE = "STRIPE_KEY";
  @Value("${mail.host}") String host; //> mail.host key or MAIL_HOST required
  @Value("${mail.port:25}") int port; //> mail.port key or MAIL_PORT default
  @Value("${TOKEN}") String token; //> TOKEN required
  @ConfigProperty(name = "queue.url") String queue; //> queue.url key or QUEUE_URL required
  void run() {
    String a = System.getenv("A_KEY"); //> A_KEY required
    if (a == null) { throw new IllegalStateException(); }
    Optional.ofNullable(System.getenv("B_KEY")).orElse("x"); //> B_KEY default
    System.getenv().getOrDefault("C_KEY", "x"); //> C_KEY default
    Integer.parseInt(System.getenv("D_KEY")); //> D_KEY int
    env(STRIPE, "x"); //> STRIPE_KEY default
    System.getenv(dynamic);
    environment.getRequiredProperty("e.f"); //> e.f key or E_F required
    Objects.requireNonNull(System.getenv("G_KEY")); //> G_KEY required
  }
  static String env(String name, String def) { String v = System.getenv(name); return v == null ? def : v; }
}
@ConfigurationProperties("app.pay")
record Pay(
  @NotBlank String apiKey, //> app.pay.api-key key or APP_PAY_APIKEY required
  int timeout) {} //> app.pay.timeout key or APP_PAY_TIMEOUT optional int
`, nil)
}

func TestKotlin(t *testing.T) {
	table(t, "App.kt", "//", `package app
const val STRIPE = "STRIPE_KEY"
@ConfigurationProperties("app.pay")
data class Pay(
  val apiKey: String, //> app.pay.api-key key or APP_PAY_APIKEY required
  val timeout: Int = 3, //> app.pay.timeout key or APP_PAY_TIMEOUT default int
)
class App(@Value("\${mail.host}") val host: String) { //> mail.host key or MAIL_HOST required
  val a = System.getenv("A_KEY") ?: "x" //> A_KEY default
  val b = System.getenv("B_KEY") ?: error("B_KEY") //> B_KEY required
  val c = System.getenv("C_KEY").toInt() //> C_KEY int
  val d = must(STRIPE) //> STRIPE_KEY required
  val e = environment.config.property("db.url").getString() //> db.url key required
  val f = System.getenv()["F_KEY"] //> F_KEY
  fun must(name: String): String = System.getenv(name) ?: throw IllegalStateException(name)
}
`, nil)
}

func TestRust(t *testing.T) {
	table(t, "src/main.rs", "//", `
const STRIPE: &str = "STRIPE_KEY";
#[derive(Parser)]
struct Args {
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:80")] //> LISTEN local default
    listen: String,
    #[arg(long, env)] //> TOKEN required
    token: String,
}
#[derive(Deserialize)]
struct Config {
    database_url: String, //> APP_DATABASE_URL required
    #[serde(default)]
    size: u16, //> APP_SIZE default int
}
fn or(name: &str, fallback: &str) -> String { std::env::var(name).unwrap_or_else(|_| fallback.to_string()) }
fn main() -> Result<()> {
    let a = std::env::var("A_KEY").expect("A_KEY"); //> A_KEY required
    let b = env::var(STRIPE).unwrap_or("x".into()); //> STRIPE_KEY default
    let c = option_env!("C_KEY"); //> C_KEY optional
    if let Ok(d) = env::var("D_KEY") { run(d) } //> D_KEY optional
    let e: u16 = env::var("E_KEY")?.parse()?; //> E_KEY required
    let f = or("F_KEY", "http://localhost:1"); //> F_KEY local default
    let g = env::var(dynamic);
    let config = envy::prefixed("APP_").from_env::<Config>()?;
    Ok(())
}
`, nil)
}

func TestPHP(t *testing.T) {
	table(t, "config/app.php", "//", `<?php
class Keys { const STRIPE = 'STRIPE_KEY'; }
function must(string $name): string { $v = getenv($name); if ($v === false) { throw new \Exception(); } return $v; }
$a = env('A_KEY'); //> A_KEY
$b = env('B_KEY', 'http://localhost'); //> B_KEY local default
$c = getenv('C_KEY') ?: 'x'; //> C_KEY default
$d = $_ENV['D_KEY'] ?? throw new \Exception('x'); //> D_KEY required
$e = (int) getenv('E_KEY'); //> E_KEY int
$f = config('services.stripe.key'); //> services.stripe.key key
$g = env(Keys::STRIPE); //> STRIPE_KEY
$h = must('H_KEY'); //> H_KEY required
$i = $_SERVER['HTTP_HOST'];
$j = $_ENV[$dynamic];
$k = '%env(int:K_KEY)%'; //> K_KEY required int
`, nil)
}

func TestCSharp(t *testing.T) {
	table(t, "Program.cs", "//", `namespace App;
public class SmtpOptions {
  public const string Section = "Smtp";
  public string Host { get; set; } = ""; //> Smtp:Host key or Smtp__Host
  public int Port { get; set; } = 25; //> Smtp:Port key or Smtp__Port default int
}
public class Program {
  private const string Stripe = "STRIPE_KEY";
  static string Env(string name, string fallback) => Environment.GetEnvironmentVariable(name) ?? fallback;
  void Main(IConfiguration configuration, IServiceCollection services) {
    var a = Environment.GetEnvironmentVariable("A_KEY") ?? "x"; //> A_KEY default
    var b = Environment.GetEnvironmentVariable(Stripe) ?? throw new Exception(); //> STRIPE_KEY required
    var c = configuration["Mail:Host"]; //> Mail:Host key or Mail__Host
    var d = configuration.GetValue<int>("Mail:Port", 3); //> Mail:Port key or Mail__Port default int
    var e = configuration.GetConnectionString("Main"); //> ConnectionStrings:Main key or ConnectionStrings__Main
    var f = Env("F_KEY", "http://localhost:1"); //> F_KEY local default
    var g = Environment.GetEnvironmentVariable(dynamic);
    if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("H_KEY"))) { throw new Exception(); } //> H_KEY required
    services.Configure<SmtpOptions>(configuration.GetSection(SmtpOptions.Section));
  }
}
`, nil)
}

func TestShell(t *testing.T) {
	table(t, "docker/entrypoint.sh", "#", `#!/bin/sh
: "${A_KEY:?needed}" #> A_KEY required
B="${B_KEY:-http://localhost:3}" #> B_KEY local default
if [ -z "$C_KEY" ]; then exit 1; fi #> C_KEY required
[ -n "$D_KEY" ] && echo x #> D_KEY optional
OWN=3
exec app --db "$DB_URL" $OWN #> DB_URL
`, nil)
}

func TestExpressions(t *testing.T) {
	table(t, "config/runtime.exs", "#", `
config :app, secret: System.fetch_env!("SECRET") #> SECRET required
config :app, size: System.get_env("SIZE", "3") #> SIZE optional
`, nil)
}
