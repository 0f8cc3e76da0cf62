// Package modules reads what modules of infrastructure and pipelines take and give - Terraform modules and stacks, reusable workflows and
// actions of GitHub, templates of GitLab with inputs - and who uses them with which names. It compares nothing and knows no branch.
package modules
