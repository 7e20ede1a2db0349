{{- define "livecost.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "livecost.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Names of objects outside all namespaces carry the release's, so that two releases do not share a role. */ -}}
{{- define "livecost.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "livecost.fullname" .) }}
{{- end }}

{{- define "livecost.selectorLabels" -}}
app.kubernetes.io/name: {{ include "livecost.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "livecost.labels" -}}
{{ include "livecost.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "livecost.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "livecost.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: name the account that serviceAccount.create=false takes" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "livecost.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- /* The operator's arguments, one JSON string a line: each setting is the flag of the same name. */ -}}
{{- define "livecost.arguments" -}}
- operator
- --listen-address=0.0.0.0
- --listen-port=8080
- --lease-namespace={{ .Release.Namespace }}
{{- range .Values.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- $flag := kebabcase $name }}
{{- if eq $name "prometheusHeaders" }}
{{- range $header, $text := $value }}
- {{ printf "--prometheus-header=%s=%s" $header $text | toJson }}
{{- end }}
{{- else if kindIs "bool" $value }}
{{- if $value }}
- --{{ $flag }}
{{- else if eq $name "leaderElect" }}
- --no-leader-elect
{{- end }}
{{- else if kindIs "string" $value }}
{{- if $value }}
- {{ printf "--%s=%s" $flag $value | toJson }}
{{- end }}
{{- else }}
- --{{ $flag }}={{ toJson $value }}
{{- end }}
{{- end }}
{{- with .Values.prometheusSecret }}
{{- if .tokenKey }}
- --prometheus-token-file=/etc/livecost/prometheus/{{ .tokenKey }}
{{- end }}
{{- if .passwordKey }}
- --prometheus-password-file=/etc/livecost/prometheus/{{ .passwordKey }}
{{- end }}
{{- if .caKey }}
- --prometheus-ca-file=/etc/livecost/prometheus/{{ .caKey }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Rules on the enabled kinds of one scope; takes {root, scope}. */ -}}
{{- define "livecost.targetRules" -}}
{{- $targets := (.root.Files.Get "files/rights.yaml" | fromYaml).targets }}
{{- $scope := .scope }}
{{- range .root.Values.targetKinds }}
{{- $target := index $targets . }}
{{- if eq $target.scope $scope }}
{{ toYaml $target.rules }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Rules on objects in namespaces: own ones, targets, and what the values add. */ -}}
{{- define "livecost.namespacedRules" -}}
{{ toYaml (.Files.Get "files/rights.yaml" | fromYaml).namespaced }}
{{- include "livecost.targetRules" (dict "root" . "scope" "Namespaced") }}
{{- with .Values.rbac.extraRules }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "livecost.subjects" -}}
- kind: ServiceAccount
  name: {{ include "livecost.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
