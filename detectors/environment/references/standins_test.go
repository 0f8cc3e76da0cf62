package references

import "testing"

func TestNamesThatStandForTheEnvironment(t *testing.T) {
	table(t, "src/Settings.kt", "//", `package a

class Settings(env: Map<String, String>) {
    val topic: String = env.getValue("ALARM_TOPIC") //> ALARM_TOPIC required
    val url: String = env["BROKER_URL"] ?: error("BROKER_URL") //> BROKER_URL required
    val name: String? = other.getValue("NO_NAME")
}
`, nil)
	table(t, "Settings.java", "//", `class Settings {
  Settings(Map<String, String> env) {
    this.url = env.get("BROKER_URL"); //> BROKER_URL
    this.mode = env.getOrDefault("MODE_NAME", "fast"); //> MODE_NAME default
    this.head = headers.get("X_NAME");
  }
}
`, nil)
	table(t, "src/config.ts", "//", `export function load(env: NodeJS.ProcessEnv = process.env) {
  const port = Number(env.API_PORT ?? "1"); //> API_PORT default int
  return { port, url: env.API_URL, lower: env.lower }; //> API_URL
}
`, nil)
	table(t, "src/env.ts", "//", `import { env } from "node:process";
export const key = env.SIGNING_KEY; //> SIGNING_KEY
`, nil)
	table(t, "app/options.py", "#", `import os
from collections.abc import Mapping

def load(env: Mapping[str, str] = os.environ) -> dict:
    return {"url": env["QUEUE_URL"], "mode": env.get("QUEUE_MODE", "fast")} #> QUEUE_URL required, QUEUE_MODE default
`, nil)
	table(t, "lib/client.rb", "#", `class Client
  def initialize(env: ENV)
    @url = env.fetch("GAUGE_URL") #> GAUGE_URL required
    @key = env["GAUGE_KEY"] #> GAUGE_KEY
  end
end
`, nil)
	table(t, "main.go", "//", `package main

func load(getenv func(string) string) config {
	return config{url: getenv("QUEUE_URL")} //> QUEUE_URL
}

func loadKey(lookupEnv func(string) (string, bool)) error {
	v, ok := lookupEnv("QUEUE_KEY") //> QUEUE_KEY required
	if !ok {
		return errors.New("QUEUE_KEY")
	}
	use(v)
	return nil
}
`, nil)
	table(t, "src/config.rs", "//", `pub fn load(vars: &HashMap<String, String>) -> Result<Config> {
    let url = vars.get("QUEUE_URL").cloned().context("QUEUE_URL")?; //> QUEUE_URL required
    Ok(Config { url })
}
`, nil)
	table(t, "src/Config.php", "//", `<?php
function load(array $env): array {
    return ['url' => $env['QUEUE_URL']]; //> QUEUE_URL
}
`, nil)
}

func TestValidatedNames(t *testing.T) {
	table(t, "src/bootstrap.php", "//", `<?php
$dotenv = Dotenv::createImmutable(__DIR__);
$dotenv->required('DB_DSN')->notEmpty(); //> DB_DSN required
$dotenv->required(['DB_USER', 'DB_PASSWORD']); //> DB_USER required, DB_PASSWORD required
$dotenv->ifPresent('DB_TRACE')->isBoolean(); //> DB_TRACE optional
`, nil)
	table(t, "config/boot.rb", "#", `Dotenv.require_keys("DB_URL", "DB_KEY") #> DB_URL required, DB_KEY required
`, nil)
}

func TestComparisonOfOrderDealsWithNothing(t *testing.T) {
	table(t, "src/orders.ts", "//", `export function over(ml: number) {
  return ml > Number(process.env.MAX_ML); //> MAX_ML int
}
export const fast = process.env.MODE_NAME === "fast"; //> MODE_NAME optional
`, nil)
}
