"""Confirmations of customer agreements, under row-level security. Nothing said is deleted."""

import django.db.models.deletion
import uuid

import portal.core.rows
from django.db import migrations, models

from portal.core.database.security import composite_key, secure_table

TABLE = "organizations_agreementconfirmation"
RIGHTS = ("SELECT", "INSERT", "UPDATE")


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_sub_reseller_roles'),
        ('organizations', '0028_distinct_fields'),
        ('tenants', '0018_associated_partner'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementConfirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('first_name', models.CharField(max_length=50)),
                ('last_name', models.CharField(max_length=50)),
                ('email', models.EmailField(max_length=254)),
                ('phone_number', models.CharField(blank=True, max_length=40)),
                ('agreed_on', models.DateField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Confirmed'), ('failed', 'Not confirmed')], default='waiting', max_length=7)),
                ('reason', models.TextField(blank=True)),
                ('request_id', models.UUIDField()),
                ('correlation_id', models.CharField(blank=True, max_length=64)),
                ('asked_by', models.CharField(max_length=250)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('job', portal.core.rows.OwnedForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job')),
                ('link', portal.core.rows.OwnedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.link')),
                ('reseller', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.reseller')),
                ('tenant', portal.core.rows.OwnedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['reseller', 'tenant', '-created_at'], name='organizations_agreement_tenant')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('reseller', 'tenant'), name='organizations_agreement_one_waits'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='organizations_agreement_ended_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('first_name', ''), _negated=True), models.Q(('last_name', ''), _negated=True), models.Q(('email', ''), _negated=True)), name='organizations_agreement_somebody_agreed')],
            },
        ),
        *secure_table(TABLE, reseller_rights=RIGHTS),
        composite_key(TABLE, "tenant_id", "tenants_tenant"),
        composite_key(TABLE, "link_id", "organizations_link"),
        composite_key(TABLE, "job_id", "core_job"),
    ]
